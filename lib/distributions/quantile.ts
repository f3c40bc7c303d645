import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import type { Likelihood } from './likelihood';
import { columns } from './targets';

/** Options of `likelihoods.quantile`. */
export interface QuantileOptions {
  /** Which quantiles the model gives, ascending numbers in (0, 1). Default [0.05, 0.25, 0.5, 0.75, 0.95]. */
  levels?: readonly number[];
}

const rule = 'must be ascending numbers between 0 and 1';
const options = v.strictObject({
  levels: v.optional(
    v.pipe(
      v.array(v.number(rule), rule),
      v.check(
        (levels) =>
          levels.length > 0 && levels.every((level, i) => level > (levels[i - 1] ?? 0) && level < 1),
        rule,
      ),
    ),
    () => [0.05, 0.25, 0.5, 0.75, 0.95],
  ),
});

/**
 * Quantiles of one real-valued target, whatever its distribution: the model gives one output for each level. The loss is the pinball loss,
 * as the asymmetric Laplace distribution has it (Yu and Moyeed, "Bayesian quantile regression", 2001): for the error e = y - q at level t,
 * -log p = max(t e, (t - 1) e) / scale + log scale - log(t (1 - t)), with a scale that is learned for each level. The levels add up, as
 * those of models of their own would.
 */
export function quantile(given: QuantileOptions = {}): Likelihood<'quantiles'> {
  const { levels } = validate(options, given, 'likelihoods.quantile');
  const count = levels.length;
  const constant = levels.reduce((sum, level) => sum - Math.log(level * (1 - level)), 0);
  return {
    name: `quantile (levels ${levels.join(', ')})`,
    kind: 'quantiles',
    levels,
    parameters: levels.map((level) => ({
      name: `logScale.${level}`,
      shape: 'target',
      initial: Math.log(0.5),
    })),
    targets(y, outputShape) {
      const size = y.shape[1] ?? 1;
      if (y.shape.length <= 2 && size !== 1) {
        throw new CredenceError(
          'E_SHAPE',
          `the quantile likelihood needs one target, of shape [N] or [N, 1], got [${y.shape.join(', ')}]: fit one model for each`,
        );
      }
      return columns('quantile', y, outputShape, { outputs: count, meaning: ' (one for each level)' });
    },
    nll(outputs, y, logScales) {
      const error = tf.sub(y, outputs);
      const pinball = tf.maximum(
        tf.mul(error, tf.tensor1d(levels)),
        tf.mul(error, tf.tensor1d(levels.map((level) => level - 1))),
      );
      const logScale = tf.concat([...logScales], -1);
      return tf.add(tf.sum(tf.add(tf.mul(pinball, tf.exp(tf.neg(logScale))), logScale), -1), constant);
    },
    predict: (outputs) => [outputs],
  };
}
