import * as v from 'valibot';
import { CredenceError } from '../errors';
import { foldIn, keyOf, permutation } from '../threefry';
import { count, validate } from '../validate';
import { take, type Dataset } from './dataset';

/** Options of `data.split`. */
export interface SplitOptions {
  /** The share of the rows that are held out, between 0 and 1 (default 0.2). */
  test?: number;
  /** Names the draw: the same seed holds out the same rows (default 0). */
  seed?: number;
  /** Hold out this share of every class, y being class numbers [N] (default false). */
  stratify?: boolean;
}

const share = 'must be a number between 0 and 1, both excluded';
const schema = v.strictObject({
  test: v.optional(v.pipe(v.number(share), v.gtValue(0, share), v.ltValue(1, share)), 0.2),
  seed: v.optional(count(0), 0),
  stratify: v.optional(v.boolean('must be true or false'), false),
});

/** Rows of each class, in the order of their class numbers. @throws CredenceError E_DATA if y is no class number */
function classesOf({ y }: Dataset): number[][] {
  if (y.shape.length !== 1 || y[Symbol.toStringTag] !== 'Int32Array') {
    throw new CredenceError(
      'E_DATA',
      `data.split: to stratify, y must be class numbers, an Int32Array of shape [N], got ${y[Symbol.toStringTag]} of shape [${y.shape.join(', ')}]`,
    );
  }
  const rows = new Map<number, number[]>();
  y.forEach((label, i) => (rows.get(label) ?? rows.set(label, []).get(label)!).push(i));
  return [...rows].sort(([a], [b]) => a - b).map(([, each]) => each);
}

/**
 * Splits a data set into rows to learn from and rows to test with, at random; both keep the order of the rows.
 * @throws CredenceError E_OPTION, also if no row would be left on one side; E_DATA if y cannot be stratified
 */
export function split<Y extends Float32Array | Int32Array>(
  data: Dataset<Y>,
  options: SplitOptions = {},
): { train: Dataset<Y>; test: Dataset<Y> } {
  const { test, seed, stratify } = validate(schema, options, 'data.split');
  const rows = Array.from({ length: data.x.shape[0]! }, (_, i) => i);
  const held = new Set<number>();
  const key = keyOf(seed);
  (stratify ? classesOf(data) : [rows]).forEach((group, i) => {
    const order = permutation(foldIn(key, i), group.length);
    for (const j of order.subarray(0, Math.round(test * group.length))) held.add(group[j]!);
  });
  if (held.size === 0 || held.size === rows.length) {
    throw new CredenceError(
      'E_OPTION',
      `data.split: option 'test' leaves no row on one side: ${held.size} of ${rows.length} rows would be held out, got ${test}`,
    );
  }
  return {
    train: take(
      data,
      rows.filter((i) => !held.has(i)),
    ),
    test: take(
      data,
      rows.filter((i) => held.has(i)),
    ),
  };
}
