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
 *   gradients: x, y, rows, keys, ...vectors                  -> nll, ...gradients
 *   update:    step, ...gradients, ...vectors, ...slots      -> kl, ...vectors, ...slots
 *   whole:     x, y, rows, keys, step, ...vectors, ...slots  -> nll, kl, ...vectors, ...slots
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
  const vectors = program.vectors.map(({ length }) => [length]);
  const state = floats(stateShapes(vectors, program.slots));
  const inputs: TensorSpec[] = [
    { shape: shapes.x, dtype: 'float32' },
    { shape: shapes.y, dtype: shapes.yType },
    { shape: [shapes.batch], dtype: 'int32' },
    { shape: [program.streams, samples, 2], dtype: 'int32' },
  ];
  type Inputs = [x: tf.Tensor, y: tf.Tensor, rows: tf.Tensor, keys: tf.Tensor];
  const gradients = ([x, y, rows, keys]: Inputs, vectors: readonly tf.Tensor[]): tf.Tensor[] =>
    program.gradients(vectors, { x: gatherRows(x, rows), y: gatherRows(y, rows), keys });
  const update = (
    step: tf.Tensor,
    gradients: readonly tf.Tensor[],
    state: readonly tf.Tensor[],
  ): tf.Tensor[] => {
    const count = tf.cast(tf.add(step, tf.scalar(1, 'int32')), 'float32');
    return program.update(gradients, state.slice(0, vectors.length), state.slice(vectors.length), count);
  };
  if (alone) {
    const whole = (...args: tf.Tensor[]): tf.Tensor[] => {
      const [step, ...state] = args.slice(inputs.length) as [tf.Tensor, ...tf.Tensor[]];
      const [nll, ...sums] = gradients(args.slice(0, 4) as Inputs, state.slice(0, vectors.length)) as [
        tf.Tensor,
        ...tf.Tensor[],
      ];
      return [nll, ...update(step, sums, state)];
    };
    return { kind: 'whole', whole: trace(whole, [...inputs, scalar, ...state]) };
  }
  const split = (...[step, ...rest]: tf.Tensor[]): tf.Tensor[] =>
    update(step!, rest.slice(0, vectors.length), rest.slice(vectors.length));
  return {
    kind: 'split',
    gradients: trace(
      (...args) => gradients(args.slice(0, 4) as Inputs, args.slice(4)),
      [...inputs, ...floats(vectors)],
    ),
    update: trace(split, [scalar, ...floats(vectors), ...state]),
  };
}
