import * as tf from '@tensorflow/tfjs';
import { type LearningRate, rateAt } from './learningRate';
import type { Transform } from './transform';

/** A step of this length against the gradient. */
export const scaleByLearningRate = (rate: LearningRate): Transform => ({
  slots: 0,
  update: (gradient, _, step) => ({ update: tf.mul(gradient, tf.neg(rateAt(rate, step))), slots: [] }),
});
