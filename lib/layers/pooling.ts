/** What max and average pooling share. */
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { printed } from './printed';
import type { Layer } from './layer';
import { onImages, reshapeImages } from './sampleChannels';
import { type Axes, place, placesOf, type Sizes, sizes, sizesOf } from './windows';

/** Options of `layers.maxPool` and `layers.averagePool`. */
export interface PoolOptions {
  /** Size of the windows: one number, or one for each axis, as [height, width]. */
  poolSize: Sizes;
  /** Distance between windows: one number, or one for each axis. Default: `poolSize`, so that they do not overlap. */
  strides?: Sizes;
  /** 'valid' (default): only whole windows; 'same': as many as are needed to cover the input. */
  padding?: 'same' | 'valid';
}

const eachAxis = v.union(
  [sizes<Sizes>(1, 1), sizes<Sizes>(2, 1), sizes<Sizes>(3, 1)],
  'must be a whole number of at least 1, or one for each axis',
);
const options = v.strictObject({
  poolSize: eachAxis,
  strides: v.optional(eachAxis),
  padding: v.optional(v.picklist(['same', 'valid']), 'valid'),
});

/** A pooling function of tfjs. */
export type Pool = (
  images: tf.Tensor4D,
  size: [number, number],
  strides: [number, number],
  padding: 'same' | 'valid',
) => tf.Tensor4D;

/** Pools x [S, B, ...places, C] along all of its places. */
type OnPlaces = (x: tf.Tensor) => tf.Tensor;

/**
 * Pooling over the last two axes does that of images; a sequence is an image of one row. A window of a volume is pooled over height and
 * width first, and what that gives over the depth.
 */
function poolPlaces(pool: Pool, size: number[], strides: number[], padding: 'same' | 'valid'): OnPlaces {
  const along = (axis: number): [[number, number], [number, number]] => [
    [size[axis - 1] ?? 1, size[axis] ?? 1],
    [strides[axis - 1] ?? 1, strides[axis] ?? 1],
  ];
  const images = (x: tf.Tensor, ...windows: [[number, number], [number, number]]): tf.Tensor =>
    onImages((images) => pool(images as tf.Tensor4D, ...windows, padding), x);
  return (x) => {
    const [batch, ...places] = x.shape.slice(1, -1) as [number, ...number[]];
    if (places.length === 2) return images(x, ...along(1));
    if (places.length === 1) {
      const y = images(reshapeImages(x, [batch, 1, ...places]), ...along(0));
      return reshapeImages(y, [batch, y.shape[3]!]);
    }
    const [depth, ...image] = places as [number, number, number];
    const y = images(reshapeImages(x, [batch * depth, ...image]), ...along(2));
    const pooled = y.shape.slice(2, 4) as [number, number];
    const z = images(
      reshapeImages(y, [batch, depth, pooled[0] * pooled[1]]),
      [size[0]!, 1],
      [strides[0]!, 1],
    );
    return reshapeImages(z, [batch, z.shape[2]!, ...pooled]);
  };
}

/**
 * A layer that makes one number of each window and channel of sequences [S, B, L, C], images [S, B, H, W, C] or volumes.
 * @param apply calls the pooling
 */
export function poolLayer(
  name: string,
  given: PoolOptions,
  pool: Pool,
  apply: (pool: OnPlaces, x: tf.Tensor) => tf.Tensor = (pool, x) => pool(x),
): Layer {
  const what = `layers.${name}`;
  const { poolSize, strides = poolSize, padding } = validate(options, given, what);
  return printed(name, [given], {
    name,
    build(inputShape) {
      const { places, channels } = placesOf(inputShape, [2, 1, 3], what);
      const axes = places.length as Axes;
      const [size, steps] = [poolSize, strides].map((value) => sizesOf(value, axes)) as [number[], number[]];
      if (size.length !== axes || steps.length !== axes) {
        throw new CredenceError(
          'E_SHAPE',
          `${what}: options 'poolSize' and 'strides' must be one number, or ${axes} for inputs of shape [${inputShape.join(', ')}], got [${(size.length === axes ? steps : size).join(', ')}]`,
        );
      }
      const windows = { size, strides: steps, dilations: size.map(() => 1), padding };
      const placed = place(places, windows, what);
      const onPlaces = poolPlaces(pool, size, steps, padding);
      return {
        parameters: [],
        outputShape: [...placed.map(({ count }) => count), channels],
        apply: (_, x) => apply(onPlaces, x),
      };
    },
  });
}
