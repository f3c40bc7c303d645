import * as tf from '@tensorflow/tfjs';
import type { Transform } from './transform';

/** A step of this length against the gradient. */
export const scaleByLearningRate = (learningRate: number): Transform => ({
  slots: 0,
  update: (gradient) => ({ update: tf.mul(gradient, -learningRate), slots: [] }),
});
