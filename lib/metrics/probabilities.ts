import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, validate } from '../validate';
import { bracket, checkFinite, checkLabels, type Numbers, type StackOptions } from './input';

/** How class probabilities [N, C] are laid out where the array has no shape. */
export interface ClassOptions {
  /** C, the number of classes. Default: the last axis of the array's shape. */
  classes?: number;
}

/** How class probabilities [S, N, C] are laid out where the array has no shape. */
export interface ClassStackOptions extends StackOptions, ClassOptions {}

const classOptions = v.strictObject({ classes: v.optional(count(1)) });
const classStackOptions = v.strictObject({ samples: v.optional(count(1)), classes: v.optional(count(1)) });

/** How far the sum of a row of probabilities may be from 1: single precision over many classes. */
const SUM_TOLERANCE = 1e-3;

/** @throws CredenceError E_DATA unless every row of `classes` numbers is a probability vector */
function checkProbabilities(what: string, probs: Numbers, classes: number): void {
  for (let start = 0; start < probs.length; start += classes) {
    let sum = 0;
    for (let k = start; k < start + classes; k++) {
      if (probs[k]! < 0) {
        throw new CredenceError(
          'E_DATA',
          `${what}: probs[${k}] is ${probs[k]}, probabilities are never negative`,
        );
      }
      sum += probs[k]!;
    }
    if (Math.abs(sum - 1) > SUM_TOLERANCE) {
      throw new CredenceError(
        'E_DATA',
        `${what}: row ${start / classes} of probs sums to ${sum.toPrecision(6)}, not to 1. Are these logits? Apply softmax first`,
      );
    }
  }
}

/**
 * Checks class probabilities [N, C] against labels [N]; C follows from the lengths.
 * @returns N and C
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function checkClassification(
  what: string,
  probs: Numbers,
  labels: Numbers,
): { rows: number; classes: number } {
  checkFinite(what, 'probs', probs);
  checkFinite(what, 'labels', labels);
  const rows = labels.length;
  const classes = probs.length / rows;
  const { shape = [rows, classes] } = probs;
  if (!Number.isInteger(classes) || shape.length !== 2 || shape[0] !== rows) {
    const got = probs.shape ? `shape ${bracket(probs.shape)}` : `${probs.length} values`;
    throw new CredenceError('E_SHAPE', `${what}: probs must be [N, C] with N = ${rows} labels, got ${got}`);
  }
  checkProbabilities(what, probs, classes);
  checkLabels(what, 'labels', labels, classes);
  return { rows, classes };
}

/**
 * Checks class probabilities [N, C] that come without labels.
 * @returns N and C
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function checkProbs(
  what: string,
  probs: Numbers,
  options: ClassOptions,
): { rows: number; classes: number } {
  const { classes } = validate(classOptions, options, what);
  checkFinite(what, 'probs', probs);
  const columns = classes ?? (probs.shape?.length === 2 ? probs.shape[1]! : NaN);
  const rows = probs.length / columns;
  if (!Number.isInteger(rows)) {
    throw new CredenceError(
      'E_SHAPE',
      `${what}: probs must be [N, C]: pass an NdArray of that shape, or flat values and { classes: C }`,
    );
  }
  checkProbabilities(what, probs, columns);
  return { rows, classes: columns };
}

/**
 * Checks class probabilities [S, N, C].
 * @returns S, N and C
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function checkClassStack(
  what: string,
  probs: Numbers,
  options: ClassStackOptions,
): { samples: number; rows: number; classes: number } {
  const given = validate(classStackOptions, options, what);
  checkFinite(what, 'probs', probs);
  const known = probs.shape?.length === 3 ? probs.shape : undefined;
  const samples = given.samples ?? known?.[0] ?? NaN;
  const classes = given.classes ?? known?.[2] ?? NaN;
  const rows = probs.length / samples / classes;
  if (!Number.isInteger(rows)) {
    throw new CredenceError(
      'E_SHAPE',
      `${what}: probs must be [S, N, C]: pass an NdArray of that shape, or flat values and { samples: S, classes: C }`,
    );
  }
  checkProbabilities(what, probs, classes);
  return { samples, rows, classes };
}
