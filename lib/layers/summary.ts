import { inspect } from 'node:util';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { type Displayable, displaySymbol, type MimeBundle } from '../host';
import { type Shape, sizeOf } from '../ndarray';
import { count, validate } from '../validate';
import type { BuiltPart, Layer, Parameter } from './layer';

/** Options of `summary`. */
export interface SummaryOptions {
  /** Layers within layers are told to this depth. Default 2. */
  depth?: number;
}

const options = v.strictObject({ depth: v.optional(count(1), 2) });

/** A layer of a model. */
export interface SummaryRow {
  /** Where it is: the start of the names of its parameters, '1.dense'. */
  path: string;
  /** How many layers it is in: 0 for the model itself. */
  depth: number;
  outputShape: Shape;
  /** Numbers it computes with, those of its parts included. */
  parameters: number;
  /** Those of them that a distribution is learned over. */
  bayesian: number;
  /** Those that are not learned at all, but averages over the batches of training. */
  moving: number;
}

const total = (parameters: readonly Parameter[]): number =>
  parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** A row for a layer and, down to a depth, for those it is made of. */
function rowsOf({ name, layer }: BuiltPart, depth: number, deepest: number): SummaryRow[] {
  const { parameters, outputShape, parts = [] } = layer;
  const bayesian = total(parameters.filter(({ bayesian }) => bayesian));
  const moving = total(parameters.filter(({ isMoving }) => isMoving));
  const within = depth < deepest ? parts : [];
  return [
    { path: name, depth, outputShape, parameters: total(parameters), bayesian, moving },
    ...within.flatMap((part) => {
      const path = depth === 0 ? part.name : `${name}.${part.name}`; // the model has no part in the names of its parameters
      return rowsOf({ ...part, name: path }, depth + 1, deepest);
    }),
  ];
}

const number = (value: number): string => value.toLocaleString('en');

/** Whether distributions are learned: over all of the parameters, some or none. */
function bayesianness({ parameters, bayesian }: SummaryRow): string {
  if (parameters === 0) return '';
  if (bayesian === 0) return 'no';
  return bayesian === parameters ? 'yes' : number(bayesian);
}

const HEAD = ['layer', 'output', 'parameters', 'Bayesian'];
const cellsOf = (row: SummaryRow): string[] => [
  row.path,
  `[${row.outputShape.join(', ')}]`,
  row.parameters === 0 ? '' : number(row.parameters),
  bayesianness(row),
];

/** What a model is made of. Shows itself as a table. */
export class Summary implements Displayable {
  constructor(
    /** The model, then its layers, outermost first. */
    readonly rows: readonly SummaryRow[],
    readonly inputShape: Shape,
  ) {}

  /** Numbers that the model computes with. */
  get parameters(): number {
    return this.rows[0]!.parameters;
  }

  /** Those of them that a distribution is learned over: a mean and a standard deviation each. */
  get bayesian(): number {
    return this.rows[0]!.bayesian;
  }

  toString(): string {
    const table = [HEAD, ...this.rows.map(cellsOf)];
    const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
    const lines = table.map((row) =>
      row
        .map((cell, i) => (i === 2 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
        .join('  ')
        .trimEnd(),
    );
    return [...lines, '', this.totals()].join('\n');
  }

  private totals(): string {
    const { parameters, bayesian } = this;
    const { moving } = this.rows[0]!;
    const share = bayesian === 0 ? 'none' : bayesian === parameters ? 'all' : number(bayesian);
    const moved = moving === 0 ? '' : `, ${number(moving)} moving averages`;
    const learned =
      bayesian + moving === 0 ? '' : `: ${number(parameters + bayesian - moving)} numbers to learn`;
    return `${number(parameters)} parameters, ${share} Bayesian${moved}${learned}. Inputs are [${this.inputShape.join(', ')}].`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [displaySymbol](): MimeBundle {
    const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
    const rows = this.rows.map((row) => {
      const [path, ...rest] = cellsOf(row);
      return line([`\`${path}\``, ...rest]);
    });
    const markdown = [line(HEAD), '| :-- | :-- | --: | :-- |', ...rows, '', this.totals()].join('\n');
    return { 'text/plain': this.toString(), 'text/markdown': markdown };
  }
}

/**
 * What a model is made of: for each layer the shape of its output, its parameters, and whether distributions over them are learned.
 * @param inputShape the shape of one input, such as [28, 28, 1]
 * @throws CredenceError E_OPTION; E_SHAPE if the model cannot take such inputs
 */
export function summary(model: Layer, inputShape: Shape, given: SummaryOptions = {}): Summary {
  if (typeof (model as Partial<Layer> | undefined)?.build !== 'function') {
    throw new CredenceError(
      'E_OPTION',
      'summary: the first argument must be a model, such as sequential([...])',
    );
  }
  const shape = validate(
    v.array(count(1), 'must be the shape of one input, such as [28, 28, 1]'),
    inputShape,
    'summary: inputShape',
  );
  const { depth } = validate(options, given, 'summary');
  return new Summary(rowsOf({ name: model.name, layer: model.build(shape) }, 0, depth), shape);
}
