import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../errors';
import type { Layer } from './layer';
import { printed } from './printed';

/**
 * x + layer(x) (He et al. 2016). The parameters keep the names that they have in `layer`.
 * @throws CredenceError E_OPTION if it is no layer; when built, E_SHAPE if it changes the shape
 */
export function residual(layer: Layer): Layer {
  if (typeof (layer as Partial<Layer> | undefined)?.build !== 'function') {
    throw new CredenceError('E_OPTION', 'layers.residual needs a layer, such as layers.dense({ units: 64 })');
  }
  return printed('residual', [layer], {
    name: 'residual',
    build(inputShape) {
      const built = layer.build(inputShape);
      const { outputShape } = built;
      if (outputShape.join() !== inputShape.join()) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.residual adds a layer's output to its input, so they must be of one shape: ${layer.name} makes [${outputShape.join(', ')}] of [${inputShape.join(', ')}]`,
        );
      }
      return { ...built, apply: (draw, x) => tf.add(x, built.apply(draw, x)) };
    },
  });
}
