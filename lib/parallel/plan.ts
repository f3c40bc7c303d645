import * as tf from '@tensorflow/tfjs';
import { gatherRows } from '../engine/gather';
import type { CompiledFunction } from '../engine/functions';
import { trace, type TensorSpec } from '../engine/trace';
import type { Program } from '../inference/method';
import type { Shape } from '../ndarray';
import { stateShapes } from './state';

/** Shapes of what a step reads. */
export interface StepShapes {
  /** [N, ...]: the whole data set; the batch is gathered inside the step. */
  x: Shape;
  y: Shape;
  yType: 'int32' | 'float32';
  batch: number;
}

/**
 * The compiled training step for one number of samples.
 *
 *   gradients: x, y, rows, key, step, firstSample, ...variables -> nll, ...gradients
 *   update:    step, ...gradients, ...variables, ...slots        -> kl, ...variables, ...slots
 *   whole:     x, y, rows, key, step, firstSample, ...variables, ...slots -> nll, kl, ...variables, ...slots
 *
 * A lone worker runs `whole` (one call a step); several run `gradients`, add theirs up, and run `update`.
 */
export type StepPlan =
  | { kind: 'whole'; whole: CompiledFunction }
  | { kind: 'split'; gradients: CompiledFunction; update: CompiledFunction };

const scalar: TensorSpec = { shape: [], dtype: 'int32' };
const floats = (shapes: readonly Shape[]): TensorSpec[] =>
  shapes.map((shape) => ({ shape, dtype: 'float32' }));

/** Traces the step of a program for `samples` of its samples. */
export function planStep(program: Program, shapes: StepShapes, samples: number, alone: boolean): StepPlan {
  const variables = program.variables.map(({ shape }) => shape);
  const state = floats(stateShapes(variables, program.slots));
  const inputs: TensorSpec[] = [
    { shape: shapes.x, dtype: 'float32' },
    { shape: shapes.y, dtype: shapes.yType },
    { shape: [shapes.batch], dtype: 'int32' },
    { shape: [2], dtype: 'int32' },
    scalar,
    scalar,
    ...floats(variables),
  ];
  const gradients = (args: readonly tf.Tensor[]): tf.Tensor[] => {
    const [x, y, rows, key, step, firstSample, ...values] = args as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      ...tf.Tensor[],
    ];
    const position = { key: key!, step: step!, firstSample: firstSample! };
    return program.gradients(values, { x: gatherRows(x, rows), y: gatherRows(y, rows), position }, samples);
  };
  const update = (
    step: tf.Tensor,
    gradients: readonly tf.Tensor[],
    state: readonly tf.Tensor[],
  ): tf.Tensor[] => {
    const count = tf.cast(tf.add(step, tf.scalar(1, 'int32')), 'float32');
    return program.update(gradients, state.slice(0, variables.length), state.slice(variables.length), count);
  };
  if (alone) {
    const whole = (...args: tf.Tensor[]): tf.Tensor[] => {
      const [nll, ...rest] = gradients(args.slice(0, inputs.length)) as [tf.Tensor, ...tf.Tensor[]];
      return [nll, ...update(args[4]!, rest, args.slice(6))];
    };
    return { kind: 'whole', whole: trace(whole, [...inputs, ...state.slice(variables.length)]) };
  }
  const split = (...[step, ...rest]: tf.Tensor[]): tf.Tensor[] =>
    update(step!, rest.slice(0, variables.length), rest.slice(variables.length));
  return {
    kind: 'split',
    gradients: trace((...args) => gradients(args), inputs),
    update: trace(split, [scalar, ...floats(variables), ...state]),
  };
}
