import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { type Shape, sizeOf } from '../ndarray';
import { count, validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';

/**
 * Gives each input another shape, row-major: [H W, C] -> [H, W, C].
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input has another number of elements
 */
export function reshape(shape: Shape): Layer {
  validate(v.array(count(1), 'must be a list of lengths, such as [8, 8, 3]'), shape, 'layers.reshape');
  return printed('reshape', [shape], {
    name: 'reshape',
    build(inputShape) {
      if (sizeOf(inputShape) !== sizeOf(shape)) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.reshape cannot make [${shape.join(', ')}] of [${inputShape.join(', ')}]: ${sizeOf(inputShape)} numbers are not ${sizeOf(shape)}`,
        );
      }
      return {
        parameters: [],
        outputShape: shape,
        apply: (_, x) => tf.reshape(x, [x.shape[0], x.shape[1]!, ...shape]),
      };
    },
  });
}
