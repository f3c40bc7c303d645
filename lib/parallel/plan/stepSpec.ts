import * as tf from '@tensorflow/tfjs';
import type { BuiltAugmentation } from '../../augmentations';
import { gatherRows } from '../../engine/compile/gather';
import type { TensorSpec } from '../../engine/compile/trace';
import type { Program } from '../../inference/method';
import type { StepShapes } from './stepShapes';

/** What is computed in a step. */
export interface StepSpec {
  program: Program;
  augmenter: BuiltAugmentation | undefined;
  shapes: StepShapes;
}

/** nll and kl of a step: see `Program.gradients`. @param kl what is elementwise of it */
export function lossesOf(losses: tf.Tensor, kl: tf.Tensor): [nll: tf.Tensor, kl: tf.Tensor] {
  if (losses.rank === 0) return [losses, kl];
  const [nll, coupled] = tf.unstack(losses);
  return [nll!, tf.add(kl, coupled!)];
}

/** The numbers of so many samples, from this one on. */
export const numbered = (first: tf.Tensor, samples: number): tf.Tensor =>
  tf.add(tf.range(0, samples, 1, 'int32'), first);

export const scalar: TensorSpec = { shape: [], dtype: 'int32' };
export const floats = (lengths: readonly number[]): TensorSpec[] =>
  lengths.map((length) => ({ shape: [length], dtype: 'float32' }));

export const lengthsOf = ({ vectors }: Program): number[] => vectors.map(({ length }) => length);

/** The batch of the data with these row numbers. */
export const gathered = (x: tf.Tensor, y: tf.Tensor, rows: tf.Tensor) => ({
  x: gatherRows(x, rows),
  y: gatherRows(y, rows),
});

/** x, y, rows, keys, step of a call. */
export const inputSpecs = ({ program, shapes }: StepSpec, rows: number, samples: number): TensorSpec[] => [
  { shape: shapes.x, dtype: 'float32' },
  { shape: shapes.y, dtype: shapes.yType },
  { shape: [rows], dtype: 'int32' },
  { shape: [program.streams, samples, 2], dtype: 'int32' },
  scalar,
];

/** The number of a step, counted from 1, as optimisers want it. */
export const counted = (step: tf.Tensor): tf.Tensor =>
  tf.cast(tf.add(step, tf.scalar(1, 'int32')), 'float32');
