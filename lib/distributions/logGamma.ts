import * as tf from '@tensorflow/tfjs';
import { halfLog2Pi } from './normal';

/** log Gamma(x) for x > 0: Stirling's series, moved to where its terms vanish by Gamma(x + 1) = x Gamma(x). */
export function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  const rest = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * x ** 2)) / x ** 2) / x ** 2) / x;
  return (x - 0.5) * Math.log(x) - x + halfLog2Pi + rest;
}

/** log n!, elementwise, in single precision: Stirling's series at n + 3. */
export function logFactorial(n: tf.Tensor): tf.Tensor {
  const x = tf.add(n, 3);
  const squared = tf.square(x);
  const rest = tf.div(tf.sub(1 / 12, tf.div(tf.sub(1 / 360, tf.div(1 / 1260, squared)), squared)), x);
  const main = tf.sub(tf.mul(tf.sub(x, 0.5), tf.log(x)), x);
  const moved = tf.log(tf.mul(tf.add(n, 1), tf.add(n, 2)));
  return tf.sub(tf.add(tf.add(main, halfLog2Pi), rest), moved);
}
