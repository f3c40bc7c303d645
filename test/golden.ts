import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../lib/environment';

/**
 * A value in a golden file: numbers, nested lists and records of them. JSON cannot say NaN or Infinity, so they are
 * strings; null is "undefined here" (an empty bin, a variance of one sample).
 */
export type Golden = number | null | 'NaN' | 'Infinity' | '-Infinity' | readonly Golden[] | GoldenRecord;
export interface GoldenRecord {
  readonly [name: string]: Golden;
}

/** One known answer of a trusted Python library. */
export interface GoldenCase<Inputs, Expected> {
  readonly name: string;
  readonly quantity: string;
  readonly inputs: Inputs;
  readonly expected: Expected;
  /** For double precision: |got - want| <= tolerance * max(1, |want|). */
  readonly tolerance: number;
  /** The same for single precision. */
  readonly tolerance_f32: number;
}

/**
 * The known answers for one quantity.
 * @param file name in test/golden without '.json'
 * @throws if there is none, so that a renamed quantity cannot silently drop its tests
 */
export function golden<Inputs = GoldenRecord, Expected = GoldenRecord>(
  file: string,
  quantity: string,
): GoldenCase<Inputs, Expected>[] {
  const text = readFileSync(path.join(packageRoot, 'test', 'golden', `${file}.json`), 'utf8');
  const { cases } = JSON.parse(text) as { cases: GoldenCase<Inputs, Expected>[] };
  const found = cases.filter((each) => each.quantity === quantity);
  assert.ok(found.length > 0, `test/golden/${file}.json has no case for '${quantity}'`);
  return found;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** The numbers of a nested list or typed array in row-major order; null stays null, "NaN" becomes NaN. */
function leaves(value: unknown): (number | null)[] {
  if (value === null || typeof value === 'number') return [value];
  if (typeof value === 'string') return [Number(value)];
  assert.ok(
    Array.isArray(value) || ArrayBuffer.isView(value),
    `no number or list of numbers: ${typeof value}`,
  );
  return Array.from(value as unknown as ArrayLike<unknown>).flatMap(leaves);
}

/** A nested golden list as flat doubles, row-major. */
export function flat(value: Golden): Float64Array {
  return Float64Array.from(leaves(value), (number) => number ?? NaN);
}

/**
 * Fails unless every number agrees: |got - want| <= tolerance * max(1, |want|); NaN, infinities and null must be equal.
 * Nested lists are compared in row-major order, so a flat typed array matches a nested list; of a record every wanted
 * entry is compared.
 */
export function assertClose(got: unknown, want: Golden, tolerance: number, what = 'value'): void {
  if (isRecord(want)) {
    assert.ok(isRecord(got), `${what}: a record is wanted, got ${typeof got}`);
    for (const [name, value] of Object.entries(want)) {
      assertClose(got[name], value, tolerance, `${what}.${name}`);
    }
    return;
  }
  const [gotten, wanted] = [leaves(got), leaves(want)];
  assert.equal(gotten.length, wanted.length, `${what}: number of values`);
  for (const [i, w] of wanted.entries()) {
    const g = gotten[i] as number | null;
    const close =
      w === null || g === null || !Number.isFinite(w)
        ? Object.is(g, w)
        : Math.abs(g - w) <= tolerance * Math.max(1, Math.abs(w));
    assert.ok(
      close,
      `${what}${wanted.length > 1 ? `[${i}]` : ''}: got ${g}, want ${w}, tolerance ${tolerance}`,
    );
  }
}
