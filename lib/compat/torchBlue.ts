import * as tf from '@tensorflow/tfjs';
import { categorical as plainCategorical } from '../distributions/categorical';
import type { Likelihood } from '../distributions/likelihood';
import { normal } from '../distributions/normal';
import type { ClosedPrior } from '../distributions/prior';

/** Added to the probability of a label before its logarithm is taken. */
const MIN_PROBABILITY = 1e-5;

/** Added to the scale of a layer's width. */
const MIN_SCALE = 1e-5;

/** Standard deviation of the posterior at the start, of a weight with so many inputs. */
export const initialStd = (fanIn: number, std = 1): number => std * (1 / Math.sqrt(fanIn) + MIN_SCALE);

/** Standard deviation of the prior with `rescale_prior`, the default in attention and transformers. */
export const priorStd = (fanIn: number, std = 1): number => std * (1 / Math.sqrt(3 * fanIn) + MIN_SCALE);

/** Their `rescale_prior=True`: `vi({ prior: compat.torchBlue.rescaledPrior() })`. @param std of the prior before that */
export const rescaledPrior =
  (std = 1): ((parameter: { fanIn: number }) => ClosedPrior) =>
  ({ fanIn }) =>
    normal(0, priorStd(fanIn, std));

/**
 * Their Categorical: the objective 'predictive' is the mean of -log(mean_s softmax(logits_s)_y + 1e-5). Their MeanFieldNormal is
 * `likelihoods.gaussian({ noise: 'fitted' })`, which counts the log sqrt(2 pi) of each target as well: a constant.
 */
export function categorical(): Likelihood<'classification'> {
  const likelihood = plainCategorical();
  return {
    ...likelihood,
    name: 'categorical (torch_blue)',
    predictive: {
      ...likelihood.predictive!,
      nll(statistics, _y, samples) {
        const probability = tf.exp(tf.sub(tf.squeeze(statistics, [1]), Math.log(samples)));
        return tf.neg(tf.log(tf.add(probability, MIN_PROBABILITY)));
      },
    },
  };
}
