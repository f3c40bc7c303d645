import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { positive, share, validate } from '../validate';
import { type LearningRate, learningRateSchema, rateName } from './learningRate';
import { scaleByLearningRate } from './scaleByLearningRate';
import { chain, type Optimizer, type Transform } from './transform';

/** Options of `adam`. */
export interface AdamOptions {
  /** Decay of the running mean of gradients. Default 0.9. */
  beta1?: number;
  /** Decay of the running mean of squared gradients. Default 0.999. */
  beta2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  epsilon?: number;
}

const options = v.strictObject({
  beta1: v.optional(share(), 0.9),
  beta2: v.optional(share(), 0.999),
  epsilon: v.optional(positive(), 1e-8),
});

/** Gradients over the root of their second moment, both bias-corrected (Kingma and Ba 2015, algorithm 1). */
function scaleByAdam({ beta1, beta2, epsilon }: Required<AdamOptions>): Transform {
  const average = (decay: number, mean: tf.Tensor, value: tf.Tensor): tf.Tensor =>
    tf.add(tf.mul(mean, decay), tf.mul(value, 1 - decay));
  const corrected = (decay: number, mean: tf.Tensor, step: tf.Tensor): tf.Tensor =>
    tf.div(mean, tf.sub(1, tf.pow(tf.scalar(decay), step)));
  return {
    slots: 2,
    update(gradient, [mean, square], step) {
      const m = average(beta1, mean!, gradient);
      const v = average(beta2, square!, tf.square(gradient));
      const root = tf.add(tf.sqrt(corrected(beta2, v, step)), epsilon);
      return { update: tf.div(corrected(beta1, m, step), root), slots: [m, v] };
    },
    runningGradient: (step) => ({ slot: 0, factor: 1 / (1 - beta1 ** step) }),
  };
}

/**
 * Adam (Kingma and Ba 2015), as torch.optim.Adam computes it.
 * @param learningRate a number, a schedule such as `{ peak: 1e-3, warmup: 500, decay: 'cosine', steps: 10_000 }`, or a function of the
 * step's number
 * @throws CredenceError E_OPTION
 */
export function adam(learningRate: LearningRate = 1e-3, given: AdamOptions = {}): Optimizer {
  validate(learningRateSchema, learningRate, 'adam: learningRate');
  const transform = chain(scaleByAdam(validate(options, given, 'adam')), scaleByLearningRate(learningRate));
  return { name: `adam(${rateName(learningRate)})`, learningRate, ...transform };
}
