/** The normal distribution around the mode, as predictions need it: a few flat vectors for each block. */
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../ndarray';
import type { Variable } from '../method';
import type { Block } from './layout';
import type { Network } from './network';
import type { Spectrum } from './spectrum';

/** Standard deviations along the eigenvectors, then the eigenvectors of each side. */
export const vectorsOf = (
  { eigenvalues, bases }: Spectrum,
  precision: number,
  temperature: number,
): Float32Array[] => [
  Float32Array.from(eigenvalues, (value) => Math.sqrt(temperature / (value + precision))),
  ...bases.map((basis) => Float32Array.from(basis)),
];

/** What a person finds in these vectors, which begin at number `vector`. */
export function variablesOf(
  { weights }: Network,
  { places, size, sides, product }: Block,
  vector: number,
): Variable[] {
  if (sides.length === 0) {
    let next = 0;
    return places.map((place) => {
      const { name, shape } = weights[place]!;
      const offset = next;
      next += sizeOf(shape);
      return { name: `${name}.std`, shape, vector, offset };
    });
  }
  const path = product ? `${product.name}.laplace` : 'laplace';
  const names = product ? ['inputBasis', 'outputBasis'] : ['basis'];
  return [
    { name: `${path}.std`, shape: product ? sides : [size], vector, offset: 0 },
    ...sides.map((side, i) => ({
      name: `${path}.${names[i]!}`,
      shape: [side, side],
      vector: vector + 1 + i,
      offset: 0,
    })),
  ];
}

/**
 * Draws of the difference of a block's weights from the mode, [S, size].
 * @param vectors those of `vectorsOf`
 * @param noise standard normals, [S, size]
 */
export function differences(
  { size, sides }: Block,
  [stds, ...bases]: readonly tf.Tensor[],
  noise: tf.Tensor,
): tf.Tensor {
  const scaled = tf.mul(noise, stds!);
  const [first, second] = bases.map((basis, i) => tf.reshape(basis, [1, sides[i]!, sides[i]!]));
  if (!first) return scaled;
  // a vector e goes to Q e, and a matrix E to Q E R'
  const turned = tf.matMul(first, tf.reshape(scaled, [-1, sides[0]!, sides[1] ?? 1]));
  return tf.reshape(second ? tf.matMul(turned, second, false, true) : turned, [-1, size]);
}
