import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import type { Likelihood } from './likelihood';

/** One of C classes: the model's C outputs are logits, the targets labels 0 .. C-1. */
export function categorical(): Likelihood<'classification'> {
  return {
    name: 'categorical',
    kind: 'classification',
    parameters: [],
    targets(y, outputShape) {
      const classes = outputShape[0];
      if (outputShape.length !== 1 || classes === undefined || classes < 2) {
        const remedy = outputShape.length > 1 ? ': put layers.flatten() before the last dense layer' : '';
        throw new CredenceError(
          'E_SHAPE',
          `the categorical likelihood needs a model with one output per class (at least 2), got outputs of shape [${outputShape.join(', ')}]${remedy}`,
        );
      }
      if (y.shape.length !== 1) {
        throw new CredenceError(
          'E_SHAPE',
          `the categorical likelihood needs labels of shape [N], got [${y.shape.join(', ')}]: give class numbers, not one-hot rows`,
        );
      }
      y.forEach((label, i) => {
        if (Number.isInteger(label) && label >= 0 && label < classes) return;
        throw new CredenceError(
          'E_DATA',
          `label ${label} at row ${i} is not one of the model's ${classes} classes: labels are whole numbers from 0 to ${classes - 1}`,
        );
      });
      return { values: Int32Array.from(y), shape: [] };
    },
    nll(outputs, y) {
      const [, , classes] = outputs.shape as [number, number, number];
      const logProbs = tf.logSoftmax(outputs);
      const chosen = tf.cast(tf.oneHot(tf.cast(y, 'int32') as tf.Tensor1D, classes), 'float32');
      return tf.neg(tf.sum(tf.mul(logProbs, chosen), -1));
    },
    predict: (outputs) => [tf.softmax(outputs)],
  };
}
