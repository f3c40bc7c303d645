import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import type { Shape } from '../ndarray';
import { validate } from '../validate';
import type { Augmentation, BuiltAugmentation } from './augmentation';

const rule = 'must be an augmentation, such as augmentations.randomFlip()';
const list = v.array(
  v.custom<Augmentation>((value) => typeof (value as Augmentation | undefined)?.build === 'function', rule),
  'must be a list of augmentations',
);

/**
 * Augmentations one after the other, as one.
 * @param inputShape of one input, without the batch axis
 * @throws CredenceError E_OPTION; E_SHAPE if one of them cannot change such inputs
 */
export function augmenter(augmentations: readonly Augmentation[], inputShape: Shape): BuiltAugmentation {
  const parts = validate(list, augmentations, 'augment').map((each) => each.build(inputShape));
  return {
    uniforms: parts.reduce((sum, { uniforms }) => sum + uniforms, 0),
    apply(x, uniforms) {
      let [changed, first] = [x, 0];
      for (const part of parts) {
        changed = part.apply(changed, tf.slice(uniforms, [0, first], [x.shape[0], part.uniforms]));
        first += part.uniforms;
      }
      return changed;
    },
  };
}
