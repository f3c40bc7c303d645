/** Samples of a normal posterior, fused with the random numbers they are made of. */
import * as tf from '@tensorflow/tfjs';
import type { NormalParameters } from '../../distributions/prior';
import { fuse } from '../../engine/compile/fuse';
import { overNormals, type Places } from '../../engine/random';
import { sizeOf } from '../../ndarray';

/** The places of noise that has no datum: that of weights. */
const ofNoDatum = (each: number): Places => ({ data: 1, each });

/** The places of noise [B, ...] of the data from the first one at hand on. */
const ofData = ([data, ...shape]: readonly number[], first: tf.Tensor): Places => ({
  data: data!,
  each: sizeOf(shape),
  first,
});

const row = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [1, x.size]);

const affine = overNormals((eps, mean, logStd) => tf.add(mean, tf.mul(tf.exp(logStd), eps)));

/** d/d mean = sum_s g and d/d logStd = sum_s g (w - mean), since w - mean = exp(logStd) eps: eps is never stored. */
const backward = fuse((gradient: tf.Tensor, weights: tf.Tensor, mean: tf.Tensor) => [
  tf.sum(gradient, 0),
  tf.sum(tf.mul(gradient, tf.sub(weights, mean)), 0),
]);

/**
 * Draws of a parameter, [samples, ...shape], differentiable in mean and logStd (reparameterised).
 * @param keys [samples, 2]
 */
export const sampleNormal = (posterior: NormalParameters, keys: tf.Tensor): tf.Tensor =>
  sampleBy(posterior, keys, (...rows) => affine(keys, ofNoDatum(posterior.mean.size), ...rows));

/** Draws mean + exp(logStd) z, for z that depends on neither. @param draw makes them of mean and logStd, [1, n] each */
function sampleBy(
  { mean, logStd }: NormalParameters,
  keys: tf.Tensor,
  draw: (mean: tf.Tensor, logStd: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const samples = keys.shape[0];
  const { shape, size } = mean;
  const sample = tf.customGrad((...args) => {
    const [mean, logStd, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const weights = draw(row(mean), row(logStd));
    save([row(mean), weights]);
    const gradFunc = (gradient: tf.Tensor, [mean, weights]: tf.Tensor[]): tf.Tensor[] =>
      backward(tf.reshape(gradient, [samples, size]), weights!, mean!).map((sum) => tf.reshape(sum, shape));
    return { value: weights, gradFunc };
  });
  return tf.reshape(sample(mean, logStd), [samples, ...shape]);
}

/** The least of r² / df: below it its exponential less 1 is itself. */
const LEAST = 1e-6;

/**
 * Of two independent normals z1 and z2, r² = z1² + z2² and z1 / r are independent, and exp(-r² / 2) is uniform: so this has Student's t
 * distribution (Bailey, "Polar generation of random variates with the t-distribution", 1994).
 */
const heavyTailed = (df: number) =>
  overNormals((eps, mean, logStd, other) => {
    const share = tf.maximum(tf.div(tf.add(tf.square(eps), tf.square(other)), df), LEAST);
    const t = tf.mul(eps, tf.sqrt(tf.div(tf.expm1(share), share)));
    return tf.add(mean, tf.mul(tf.exp(logStd), t));
  });
const heavyTails = new Map<number, ReturnType<typeof heavyTailed>>();

/** Draws of a weight whose distribution is Student's t, [samples, n], differentiable in mean and scale. @param keys, others [samples, 2] each */
export function sampleStudentT(
  posterior: NormalParameters,
  df: number,
  keys: tf.Tensor,
  others: tf.Tensor,
): tf.Tensor {
  let draw = heavyTails.get(df);
  if (!draw) heavyTails.set(df, (draw = heavyTailed(df)));
  const { size } = posterior.mean;
  const other = tf.reshape(standardNormals(others, [1, size], tf.scalar(0, 'int32')), [-1, size]);
  return sampleBy(posterior, keys, (...rows) => draw(keys, ofNoDatum(size), ...rows, other));
}

/** The root of a variance has no finite gradient at zero, where an input is zero. */
const MIN_VARIANCE = 1e-12;
const scattered = overNormals((eps, center, variance) =>
  tf.add(center, tf.mul(tf.sqrt(tf.add(variance, MIN_VARIANCE)), eps)),
);

/** d/d variance = g (sample - center) / (2 variance), since sample - center = sqrt(variance) eps. */
const backwardOfVariance = fuse(
  (gradient: tf.Tensor, samples: tf.Tensor, center: tf.Tensor, variance: tf.Tensor) => {
    const each = tf.div(tf.mul(gradient, tf.sub(samples, center)), tf.mul(tf.add(variance, MIN_VARIANCE), 2));
    return center.shape[0] === 1 ? [tf.sum(gradient, 0, true), tf.sum(each, 0, true)] : [each];
  },
);

/**
 * Normal numbers [S, B, ...] with these means and variances, [S or 1, B, ...], differentiable in both.
 * @param keys [S, 2]
 * @param first the place of the first of these data, int32, []: the noise of a datum is keyed by its place
 */
export function sampleAround(
  center: tf.Tensor,
  variance: tf.Tensor,
  keys: tf.Tensor,
  first: tf.Tensor,
): tf.Tensor {
  const samples = keys.shape[0];
  const [rows, ...shape] = center.shape as [number, ...number[]];
  const length = sizeOf(shape);
  const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1, length]);
  const sample = tf.customGrad((...args) => {
    const [center, variance, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const values = scattered(keys, ofData(shape, first), center, variance);
    save([values, center, variance]);
    const gradFunc = (gradient: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const g = flat(gradient);
      const gradients = backwardOfVariance(g, ...(saved as [tf.Tensor, tf.Tensor, tf.Tensor]));
      return rows === 1 ? gradients : [g, ...gradients];
    };
    return { value: values, gradFunc };
  });
  return tf.reshape(sample(flat(center), flat(variance)), [samples, ...shape]);
}

const noise = overNormals((eps) => eps);

/**
 * Standard normals [samples, ...shape], for shape [B, ...].
 * @param keys [samples, 2]
 * @param first as of `sampleAround`
 */
export function standardNormals(keys: tf.Tensor, shape: readonly number[], first: tf.Tensor): tf.Tensor {
  return tf.reshape(noise(keys, ofData(shape, first)), [keys.shape[0], ...shape]);
}
