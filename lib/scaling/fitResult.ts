import { inspect } from 'node:util';
import { viewBundle } from '../figures/bundle';
import { readable } from '../figures/numbers';
import { fitFigure } from '../figures/scaling/scalingFit';
import { type Figure, WIRE_VERSION } from '../figures/wire/messages';
import { type Displayable, displaySymbol, type MimeBundle } from '../host';
import { describeMesh } from '../parallel/plan/mesh';
import { belongsTo, type ScalingStrategy } from './cells';
import { titles } from './result';
import type { Cluster, MeasuredStep, StepCosts, StepModel } from './stepCosts';
import { aligned, milliseconds } from './table';

/** A step that was measured, and what the model says of it. */
export interface FittedStep extends MeasuredStep {
  /** Seconds. */
  modelled: number;
  /** modelled / seconds - 1. */
  error: number;
  /** The same of a model that was fitted to all other steps; null if they do not tell all costs. */
  leftOut: number | null;
}

/** What steps cost, as far as times tell it. Prints as a table; in a notebook, it shows itself. */
export class ScalingFit implements StepModel, Displayable {
  /** @internal made by `fitScaling` */
  constructor(
    /** Seconds, each time that it is paid. */
    readonly costs: StepCosts,
    readonly cluster: Cluster,
    /** The costs that were found; the others were given. */
    readonly found: readonly (keyof StepCosts)[],
    readonly steps: readonly FittedStep[],
  ) {}

  /** Mean size of the relative errors. */
  get meanError(): number {
    return meanSize(this.steps.map(({ error }) => error));
  }

  /** The same of steps that the model did not know. */
  get meanLeftOut(): number {
    return meanSize(this.steps.flatMap(({ leftOut }) => leftOut ?? []));
  }

  /** @internal */
  figures(): Figure[] {
    const strategies = (['sample', 'data', 'hybrid'] as const).filter((strategy) =>
      this.steps.some(({ mesh }) => strategyOf(mesh) === strategy),
    );
    const series = strategies.map((strategy) => ({
      name: titles[strategy],
      points: this.steps
        .filter(({ mesh }) => strategyOf(mesh) === strategy)
        .map(({ seconds, modelled, ...step }) => ({
          measured: seconds,
          modelled,
          label: describeStep(step),
        })),
    }));
    return [fitFigure(series)];
  }

  toString(): string {
    const { costs, found, steps, meanError, meanLeftOut } = this;
    const head = ['mesh', 'S', 'B', 'measured ms', 'modelled ms', 'error', 'left out'];
    const rows = steps.map(({ mesh, samples, batch, seconds, modelled, error, leftOut }) => [
      describeMesh(mesh),
      String(samples),
      String(batch),
      milliseconds(seconds),
      milliseconds(modelled),
      tenths(error),
      leftOut === null ? '-' : tenths(leftOut),
    ]);
    return [
      ...aligned([head, ...rows]),
      '',
      `Mean size of the errors: ${tenths(meanError)}; of steps left out of the fit: ${tenths(meanLeftOut)}.`,
      `Seconds, found: ${found.map((name) => `${name} ${readable(costs[name])}`).join(', ')}.`,
    ].join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [displaySymbol](): MimeBundle {
    const view = { version: WIRE_VERSION, kind: 'figure', figures: this.figures() } as const;
    return { ...viewBundle(view), 'text/plain': this.toString() };
  }
}

const meanSize = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length;

const tenths = (share: number): string => `${(100 * share).toFixed(1).replace(/^-(?=0\.0$)/, '')} %`;

/** The first that it belongs to: a lone worker is counted once. */
const strategyOf = (mesh: MeasuredStep['mesh']): ScalingStrategy =>
  (['sample', 'data', 'hybrid'] as const).find((strategy) => belongsTo(mesh, strategy))!;

const describeStep = ({ mesh, samples, batch }: Pick<MeasuredStep, 'mesh' | 'samples' | 'batch'>): string =>
  `${describeMesh(mesh)}, S = ${samples}, B = ${batch}`;
