/** One column of a table, as it is read: numbers, or the names of categories. */
import { CredenceError } from '../errors';

/** Where a cell is, for messages: "people.csv, line 3: column 'age'". */
export type Place = () => string;

export interface Column {
  name: string;
  /** Adds the cell of the next row. @throws CredenceError E_DATA */
  add(cell: unknown, place: Place): void;
  /** Whether row i has none. */
  isMissing(i: number): boolean;
  /** What it is in the data set: a name and the value of each row, once or, for a category, each on its own. */
  features(): Feature[];
  /** In the order of their codes, if these are categories. */
  categories(): readonly string[] | undefined;
  /** How many rows were added. */
  length(): number;
}

export interface Feature {
  name: string;
  at: (i: number) => number;
}

/** What people write where they have no value. */
const NONE: ReadonlySet<string> = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

const isNone = (cell: unknown): boolean =>
  cell == null || Number.isNaN(cell) || (typeof cell === 'string' && NONE.has(cell.trim().toLowerCase()));

/** A typed array that grows. */
function growing<T extends Float32Array | Int32Array>(kind: new (length: number) => T) {
  let values = new kind(1024);
  let length = 0;
  return {
    add(value: number): void {
      if (length === values.length) {
        const larger = new kind(2 * length);
        larger.set(values);
        values = larger;
      }
      values[length++] = value;
    },
    at: (i: number): number => values[i]!,
    length: (): number => length,
  };
}

function refuseMissing(place: Place): never {
  throw new CredenceError(
    'E_DATA',
    `${place()} has no value. Fill it in, or leave such rows out: { missing: 'drop' }`,
  );
}

/** A number, or NaN if it is none. */
function numberOf(cell: unknown): number {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'string') return cell.trim() === '' ? NaN : Number(cell);
  return typeof cell === 'bigint' || typeof cell === 'boolean' ? Number(cell) : NaN;
}

const shown = (cell: unknown): string =>
  typeof cell === 'object' && cell !== null ? `a ${cell.constructor.name}` : `'${cell as string}'`;

/** A column of numbers. @param drop whether rows without a value are to be left out, not refused */
export function numbers(name: string, drop: boolean): Column {
  const values = growing(Float32Array);
  return {
    name,
    add(cell, place) {
      const value = Math.fround(numberOf(cell));
      if (!Number.isFinite(value)) {
        if (!isNone(cell)) {
          throw new CredenceError(
            'E_DATA',
            `${place()} has ${shown(cell)} where a number in single precision should be. If these are categories, name the column in option 'categorical'`,
          );
        }
        if (!drop) refuseMissing(place);
      }
      values.add(value);
    },
    isMissing: (i) => Number.isNaN(values.at(i)),
    features: () => [{ name, at: values.at }],
    categories: () => undefined,
    length: values.length,
  };
}

/** As numbers if all are, else by their letters: the order does not depend on that of the rows. */
function inOrder(names: readonly string[]): string[] {
  const numeric = names.every((name) => Number.isFinite(numberOf(name)));
  return [...names].sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
}

/**
 * A column of categories. Their codes are 0, 1, ... in their order.
 * @param known all that there are, in order; otherwise those that occur
 * @param oneHot whether they become a feature each, 0 or 1, or one feature that is the code
 */
export function categories(
  name: string,
  drop: boolean,
  known: readonly string[] | undefined,
  oneHot: boolean,
): Column {
  const seen = new Map((known ?? []).map((category, i) => [category, i]));
  const values = growing(Int32Array);
  const ordered = (): readonly string[] => known ?? inOrder([...seen.keys()]);
  return {
    name,
    add(cell, place) {
      if (isNone(cell)) {
        if (!drop) refuseMissing(place);
        values.add(-1);
        return;
      }
      if (typeof cell === 'object')
        throw new CredenceError('E_DATA', `${place()} has ${shown(cell)}, which is no category`);
      const category = `${cell as string | number | bigint | boolean}`.trim();
      let code = seen.get(category);
      if (code === undefined) {
        if (known) {
          throw new CredenceError(
            'E_DATA',
            `${place()} has '${category}', which is none of ${known.join(', ')}`,
          );
        }
        seen.set(category, (code = seen.size));
      }
      values.add(code);
    },
    isMissing: (i) => values.at(i) === -1,
    features() {
      const place = new Map(ordered().map((category, i) => [category, i]));
      const codes = [...seen.keys()].map((category) => place.get(category)!);
      const code = (i: number): number => codes[values.at(i)]!;
      if (!oneHot) return [{ name, at: code }];
      return ordered().map((category, k) => ({
        name: `${name}=${category}`,
        at: (i) => (code(i) === k ? 1 : 0),
      }));
    },
    categories: ordered,
    length: values.length,
  };
}
