import * as v from 'valibot';
import { CredenceError } from '../errors';
import { ndarray } from '../ndarray';
import { closest } from '../validate';
import { categories, type Column, type Feature, numbers } from './column';
import type { Dataset } from './dataset';

/** How a data set is made of a table. */
export interface TableOptions {
  /** The column to predict, or several. Default: the last one. */
  target?: string | readonly string[];
  /** The columns to predict it from. Default: all others. */
  inputs?: readonly string[];
  /**
   * The columns that hold categories, not numbers; or, by the name of the column, the categories that there are, in order (those of one
   * file for another: `categorical: train.categories`). Default: none.
   */
  categorical?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  /** What becomes of a category in x: 'oneHot', a feature of 0 or 1 for each (default), or 'codes', one of 0, 1, ... */
  encoding?: 'oneHot' | 'codes';
  /** What to do where there is no value (an empty cell, NA, NaN, null, ?): 'refuse' (default), or 'drop' the row. */
  missing?: 'refuse' | 'drop';
}

const list = v.pipe(
  v.array(v.string('must be names of columns'), 'must be a list of columns'),
  v.minLength(1),
);
export const tableEntries = {
  target: v.optional(v.union([v.string(), list], 'must be the name of a column, or a list of them')),
  inputs: v.optional(list),
  categorical: v.optional(
    v.union(
      [v.array(v.string()), v.record(v.string(), list)],
      'must be a list of columns, or the categories of each',
    ),
    [],
  ),
  encoding: v.optional(v.picklist(['oneHot', 'codes'], "must be 'oneHot' or 'codes'"), 'oneHot'),
  missing: v.optional(v.picklist(['refuse', 'drop'], "must be 'refuse' or 'drop'"), 'refuse'),
};
type Settings = v.InferOutput<ReturnType<typeof v.strictObject<typeof tableEntries>>>;

/** The rows of a table, to learn from. */
export interface TableData extends Dataset {
  /** What the columns of x and y are; a category of its own is named 'colour=red'. */
  readonly names: { readonly x: readonly string[]; readonly y: readonly string[] };
  /** The categories of each column that has some, in the order of their codes. */
  readonly categories: Readonly<Record<string, readonly string[]>>;
  /** How many rows were left out for a missing value. */
  readonly dropped: number;
}

export interface TableReader {
  /** The columns that are needed, and where they are in the table. */
  columns: readonly { column: Column; index: number }[];
  /** When all rows have been added to all of these. @throws CredenceError E_DATA if none is left */
  finish(): TableData;
}

/**
 * Makes ready to read a table.
 * @param all the names of its columns
 * @param call as the person wrote it: 'data.csv'
 * @param source what to call the table
 * @throws CredenceError E_OPTION if a column is chosen that is not there, or in two roles; E_DATA if two have the same name
 */
export function tableReader(
  all: readonly string[],
  settings: Settings,
  call: string,
  source: string,
): TableReader {
  const { categorical, encoding } = settings;
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice !== undefined) throw new CredenceError('E_DATA', `${source} has two columns '${twice}'`);
  const check = (names: readonly string[], option: string): readonly string[] => {
    const unknown = names.find((name) => !all.includes(name));
    if (unknown === undefined) return names;
    const hint = closest(unknown, all);
    throw new CredenceError(
      'E_OPTION',
      `${call}: option '${option}' must name columns of ${source}, got '${unknown}'. ${hint ? `Did you mean '${hint}'? ` : ''}Columns: ${all.join(', ')}`,
    );
  };
  const targets = check([settings.target ?? all.slice(-1)].flat(), 'target');
  const inputs = check(settings.inputs ?? all.filter((name) => !targets.includes(name)), 'inputs');
  const known = Array.isArray(categorical)
    ? {}
    : (categorical as Readonly<Record<string, readonly string[]>>);
  const named = check(Array.isArray(categorical) ? categorical : Object.keys(known), 'categorical');

  const refuse = (rule: string): never => {
    throw new CredenceError('E_OPTION', `${call}: ${rule}`);
  };
  const both = [...inputs, ...targets].find((name, i, names) => names.indexOf(name) !== i);
  if (both !== undefined) refuse(`column '${both}' is chosen twice in options 'inputs' and 'target'`);
  if (inputs.length === 0) refuse(`no column of ${source} is left for the inputs: ${all.join(', ')}`);
  if (targets.length > 1 && targets.some((name) => named.includes(name))) {
    refuse(`a target of categories must be the only one, got ${targets.join(', ')}`);
  }

  const make = (name: string, oneHot: boolean): Column => {
    const drop = settings.missing === 'drop';
    return named.includes(name) ? categories(name, drop, known[name], oneHot) : numbers(name, drop);
  };
  const x = inputs.map((name) => make(name, encoding === 'oneHot'));
  const y = targets.map((name) => make(name, false));
  const columns = [...x, ...y].map((column) => ({ column, index: all.indexOf(column.name) }));

  function finish(): TableData {
    const total = columns[0]!.column.length();
    const rows: number[] = [];
    for (let i = 0; i < total; i++) if (!columns.some(({ column }) => column.isMissing(i))) rows.push(i);
    if (rows.length === 0) {
      throw new CredenceError(
        'E_DATA',
        `${source} has no row to learn from${total > 0 ? `: a value is missing in each of its ${total}` : ''}`,
      );
    }
    const [features, target] = [x, y].map((part) => part.flatMap((column) => column.features())) as [
      Feature[],
      Feature[],
    ];
    const isLabel = y[0]!.categories() !== undefined;
    const shape = isLabel ? [rows.length] : [rows.length, target.length];
    return {
      x: ndarray(fill(new Float32Array(rows.length * features.length), features, rows), [
        rows.length,
        features.length,
      ]),
      y: ndarray(
        fill(
          isLabel ? new Int32Array(rows.length) : new Float32Array(rows.length * target.length),
          target,
          rows,
        ),
        shape,
      ),
      names: { x: features.map(({ name }) => name), y: target.map(({ name }) => name) },
      categories: Object.fromEntries(
        columns.flatMap(({ column }) => {
          const found = column.categories();
          return found ? [[column.name, found]] : [];
        }),
      ),
      dropped: total - rows.length,
    };
  }
  return { columns, finish };
}

/** Writes the values of all features, row by row. */
function fill<T extends Float32Array | Int32Array>(
  into: T,
  features: readonly Feature[],
  rows: readonly number[],
): T {
  features.forEach(({ at }, j) => {
    for (let r = 0; r < rows.length; r++) into[r * features.length + j] = at(rows[r]!);
  });
  return into;
}
