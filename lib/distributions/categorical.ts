import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import type { Likelihood } from './likelihood';
import { mixture } from './mixture';

/** -log softmax(logits)_y, [S, B]. */
const nll: Likelihood['nll'] = (outputs, y) => {
  const [, , classes] = outputs.shape as [number, number, number];
  const logProbs = tf.logSoftmax(outputs);
  const isLabel = tf.equal(tf.expandDims(tf.cast(y, 'int32'), 1), tf.range(0, classes, 1, 'int32'));
  return tf.neg(tf.sum(tf.mul(logProbs, tf.cast(isLabel, 'float32')), -1));
};

/** diag(p) - p p' = sum_k p_k (e_k - p) (e_k - p)' */
function fisherRoot(logits: tf.Tensor): tf.Tensor {
  const [, data, classes] = logits.shape as [number, number, number];
  const p = tf.softmax(logits);
  const away = tf.sub(tf.eye(classes), tf.reshape(p, [data, 1, classes]));
  return tf.mul(tf.reshape(tf.sqrt(p), [data, classes, 1]), away);
}

/** One of C classes: the model's C outputs are logits, the targets labels 0 .. C-1. Samples together predict mean_s softmax(logits_s). */
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
    nll,
    predict: (outputs) => [tf.softmax(outputs)],
    fisherRoot,
    predictive: mixture(nll),
  };
}
