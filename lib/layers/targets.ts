/** Where layers that read two sequences get them from, having one input. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';
import { count } from '../validate';
import { sequenceShape } from './attention';
import type { Draw, Parameter } from './layer';

export interface TargetOptions {
  /** The first tokens of the input, so many, are the memory that is looked at; those after them are the targets that look. */
  memory?: number;
  /** The targets are learned, so many; the whole input is the memory. Give either this or `memory`. */
  queries?: number;
}

export const targetOptions = { memory: v.optional(count(1)), queries: v.optional(count(1)) };

export interface Targets {
  /** [tokens, D] each. */
  memoryShape: Shape;
  targetShape: Shape;
  parameters: Parameter[];
  /** [targets, memory], [S or 1, B, tokens, D] each, of x [S or 1, B, T, D]. */
  split(draw: Draw, x: tf.Tensor): [targets: tf.Tensor, memory: tf.Tensor];
}

/** @throws CredenceError E_OPTION unless one of the two options is given */
export function assertTargets(
  { memory, queries }: { memory?: number | undefined; queries?: number | undefined },
  layer: string,
): void {
  if ((memory === undefined) !== (queries === undefined)) return;
  throw new CredenceError(
    'E_OPTION',
    `${layer}: give either option 'memory', the number of tokens at the start of the input to look at, or option 'queries', the number of learned tokens that look at the input; got ${memory === undefined ? 'none' : 'both'}`,
  );
}

/** @throws CredenceError E_SHAPE if the input is no sequence, or nothing is left of it */
export function targetsOf(
  {
    memory,
    queries,
    bayesian,
  }: { memory?: number | undefined; queries?: number | undefined; bayesian: boolean },
  inputShape: Shape,
  layer: string,
): Targets {
  const [tokens, features] = sequenceShape(inputShape, layer);
  if (memory !== undefined) {
    if (memory >= tokens) {
      throw new CredenceError(
        'E_SHAPE',
        `${layer}: of ${tokens} tokens the first ${memory} are the memory, so none is left to look at it: make option 'memory' smaller, or use option 'queries'`,
      );
    }
    return {
      memoryShape: [memory, features],
      targetShape: [tokens - memory, features],
      parameters: [],
      split(_, x) {
        const [seen, rest] = tf.split(x, [memory, tokens - memory], 2) as [tf.Tensor, tf.Tensor];
        return [rest, seen];
      },
    };
  }
  const shape = [queries!, features];
  return {
    memoryShape: inputShape,
    targetShape: shape,
    parameters: [{ name: 'queries', shape, bayesian, fanIn: features, initial: 'uniform' }],
    split: (draw, x) => [tf.tile(tf.expandDims(draw.value('queries'), 1), [1, x.shape[1]!, 1, 1]), x],
  };
}
