import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { vjp, withGradient } from '../engine/compile/vjp';
import { validate } from '../validate';
import type { Layer } from './layer';
import { featuresOf, normEntries, type NormOptions, perFeature } from './norms';
import { printed } from './printed';
import { ofColumns, ofRows } from './rows';

const options = v.strictObject(normEntries);

/** (x - mean) / sqrt(variance + epsilon) of each row of x [..., D]. */
const standardize = (x: tf.Tensor, epsilon: number): tf.Tensor => {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
};

/** standardize(x) scale + offset of x [S or 1, N, D], scale and offset [S or 1, 1, D]. Sums over rows stay out of the fused regions. */
function normalization(epsilon: number) {
  const forward = fuse((x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
    tf.add(tf.mul(standardize(x, epsilon), scale), offset),
  );
  const backward = fuse((x: tf.Tensor, scale: tf.Tensor, dy: tf.Tensor) => {
    const f = (x: tf.Tensor): tf.Tensor => standardize(x, epsilon);
    return [vjp(f, [tf.add(x, tf.zerosLike(dy))], [tf.mul(dy, scale)], [true])[0]!, tf.mul(dy, f(x))];
  });
  const apply = withGradient(
    ([x, scale, offset]) => [forward(x!, scale!, offset!)],
    ([x, scale, offset], _, [dy]) => {
      const [dx, dyTimesRows] = backward(x!, scale!, dy!);
      return [ofRows(dx!, x!), ofColumns(dyTimesRows!, scale!), ofColumns(dy!, offset!)];
    },
  );
  return (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor => apply(x, scale, offset)[0]!;
}

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) over the last axis: standardised, then scaled and shifted by learned values, which
 * have no distribution over them, as in the paper on sampling parallelism.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if there is no axis
 */
export function layerNorm(given: NormOptions = {}): Layer {
  const { epsilon } = validate(options, given, 'layers.layerNorm');
  const normalize = normalization(epsilon);
  return printed('layerNorm', [given], {
    name: 'layerNorm',
    build(inputShape) {
      const size = featuresOf(inputShape, 'layers.layerNorm');
      return {
        parameters: [perFeature('scale', size, 1), perFeature('offset', size, 0)],
        outputShape: inputShape,
        apply(draw, x) {
          const [samples] = x.shape as [number];
          const rows = tf.reshape(x, [samples, x.size / samples / size, size]);
          const [scale, offset] = ['scale', 'offset'].map((name) => tf.expandDims(draw.value(name), 1));
          const y = normalize(rows, scale!, offset!);
          return tf.reshape(y, [y.shape[0], ...x.shape.slice(1)]);
        },
      };
    },
  });
}
