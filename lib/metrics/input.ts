import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';
import { count, describe, validate } from '../validate';

/**
 * Numbers as the metrics take them: flat and row-major, in a typed array or a plain one. If the array knows its shape
 * (NdArray), the shape is checked as well.
 */
export type Numbers = ArrayLike<number> & { readonly shape?: Shape };

export const bracket = (shape: Shape): string => `[${shape.join(', ')}]`;

/** The shape without its axes of length 1, so that [N, 1] and [N] are alike. */
const squeezed = (shape: Shape): string => bracket(shape.filter((length) => length !== 1));

/** @throws CredenceError E_SHAPE, E_DATA unless `values` is a flat list of at least one finite number */
export function checkFinite(what: string, name: string, values: Numbers): void {
  if (typeof values !== 'object' || values === null || typeof values.length !== 'number') {
    throw new CredenceError(
      'E_SHAPE',
      `${what}: ${name} must be a flat array of numbers, got ${describe(values)}`,
    );
  }
  if (values.length === 0) throw new CredenceError('E_SHAPE', `${what}: ${name} is empty`);
  for (let i = 0; i < values.length; i++) {
    const value: unknown = values[i];
    if (typeof value !== 'number') {
      throw new CredenceError(
        'E_SHAPE',
        `${what}: ${name} must be a flat array of numbers, but ${name}[${i}] is ${describe(value)}`,
      );
    }
    if (!Number.isFinite(value)) throw new CredenceError('E_DATA', `${what}: ${name}[${i}] is ${value}`);
  }
}

/**
 * Checks arrays that go together element by element, named as the person knows them.
 * @returns their common length
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function checkAligned(what: string, arrays: Readonly<Record<string, Numbers>>): number {
  const [first, ...others] = Object.entries(arrays) as [[string, Numbers], ...[string, Numbers][]];
  const [firstName, firstValues] = first;
  checkFinite(what, firstName, firstValues);
  for (const [name, values] of others) {
    checkFinite(what, name, values);
    if (values.length !== firstValues.length) {
      throw new CredenceError(
        'E_SHAPE',
        `${what}: ${firstName} has ${firstValues.length} values, but ${name} has ${values.length}`,
      );
    }
    if (firstValues.shape && values.shape && squeezed(firstValues.shape) !== squeezed(values.shape)) {
      throw new CredenceError(
        'E_SHAPE',
        `${what}: ${firstName} has shape ${bracket(firstValues.shape)}, but ${name} has ${bracket(values.shape)}`,
      );
    }
  }
  return firstValues.length;
}

/** @throws CredenceError E_DATA unless every value is above 0 (standard deviations, variances) */
export function checkPositive(what: string, name: string, values: Numbers): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! <= 0) {
      throw new CredenceError('E_DATA', `${what}: ${name}[${i}] is ${values[i]}, it must be above 0`);
    }
  }
}

/** @throws CredenceError E_DATA unless every value is a whole number in [0, classes) */
export function checkLabels(what: string, name: string, labels: Numbers, classes: number): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new CredenceError(
        'E_DATA',
        `${what}: ${name}[${i}] is ${label}, labels are whole numbers from 0 to ${classes - 1}`,
      );
    }
  }
}

/** How draws are laid out where the array has no shape. */
export interface StackOptions {
  /** S, the number of draws. Default: the first axis of the array's shape. */
  samples?: number;
}

const stackOptions = v.strictObject({ samples: v.optional(count(1)) });

/**
 * Checks draws stacked along the first axis: [S, ...], flat.
 * @returns S and the number of values in one draw
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function checkStack(
  what: string,
  name: string,
  values: Numbers,
  options: StackOptions,
): { samples: number; size: number } {
  const { samples } = validate(stackOptions, options, what);
  checkFinite(what, name, values);
  const stack = samples ?? values.shape?.[0] ?? NaN;
  const size = values.length / stack;
  if (!Number.isInteger(size)) {
    throw new CredenceError(
      'E_SHAPE',
      `${what}: ${name} must be [S, ...]: pass an NdArray of that shape, or flat values and { samples: S } (${values.length} values, S = ${samples ?? 'unknown'})`,
    );
  }
  return { samples: stack, size };
}

/**
 * Checks draws [S, ...] against the truth [...]; S follows from the lengths.
 * @returns S and the number of values in one draw
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function checkEnsemble(what: string, samples: Numbers, y: Numbers): { samples: number; size: number } {
  checkFinite(what, 'samples', samples);
  checkFinite(what, 'y', y);
  const stack = samples.length / y.length;
  if (!Number.isInteger(stack) || (samples.shape && samples.shape[0] !== stack)) {
    const got = samples.shape ? `shape ${bracket(samples.shape)}` : `${samples.length} values`;
    throw new CredenceError(
      'E_SHAPE',
      `${what}: samples must be [S, ...] over y with ${y.length} values, got ${got}`,
    );
  }
  return { samples: stack, size: y.length };
}
