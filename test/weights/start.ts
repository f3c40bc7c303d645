/** What a model computes with the values that its parameters start at. */
import * as tf from '@tensorflow/tfjs';
import type { Draw, Layer } from '../../lib/layers';
import { drawOf } from '../layers/draw';

/** The values at which parameters start, of those that start at arrays. */
export const startOf = (model: Layer, inputShape: readonly number[]): Map<string, Float32Array> =>
  new Map(
    model
      .build(inputShape)
      .parameters.flatMap(({ name, initial }) =>
        initial instanceof Float32Array ? [[name, Float32Array.from(initial)] as const] : [],
      ),
  );

/** The same draw as a prediction has it, without the noise of dropout. */
const quiet = (draw: Draw): Draw => ({
  ...draw,
  noise: () => undefined,
  part: (name) => quiet(draw.part(name)),
});

/** What it makes of x [N, ...]. */
export function withStart(model: Layer, x: tf.Tensor): tf.Tensor {
  const built = model.build(x.shape.slice(1));
  const values = built.parameters.map(({ name, shape, initial }) => {
    if (!(initial instanceof Float32Array)) throw new Error(`${name} starts at ${initial}`);
    return [name, tf.tensor(initial, [1, ...shape])] as const;
  });
  return tf.squeeze(built.apply(quiet(drawOf(new Map(values))), tf.expandDims(x, 0)), [0]);
}

/** [N, C, ...places] -> [N, ...places, C] */
export const channelsLast = (x: tf.Tensor): tf.Tensor =>
  tf.transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);

/** [N, ...places, C] -> [N, C, ...places] */
export const channelsFirst = (x: tf.Tensor): tf.Tensor =>
  tf.transpose(x, [0, x.shape.length - 1, ...x.shape.slice(2).map((_, i) => i + 1)]);
