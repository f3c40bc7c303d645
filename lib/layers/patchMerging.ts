import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { chain } from './chain';
import { dense } from './dense';
import type { Layer } from './layer';
import { layerNorm } from './layerNorm';
import { patches } from './patches';
import { printed } from './printed';
import { reshape } from './reshape';
import { imageShape } from './windows';

/** Options of `layers.patchMerging`. */
export interface PatchMergingOptions {
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
}

const options = v.strictObject({ bayesian: v.optional(v.boolean(), true) });

/**
 * Halves an image and doubles its channels, [H, W, C] -> [H/2, W/2, 2 C], as between the stages of a Swin transformer (Liu et al. 2021):
 * the four pixels of each 2 x 2 side by side, row by row (the authors' order is column by column), a layer norm, and a linear map.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if the input is no image of even size
 */
export function patchMerging(given: PatchMergingOptions = {}): Layer {
  const { bayesian } = validate(options, given, 'layers.patchMerging');
  return printed('patchMerging', [given], {
    name: 'patchMerging',
    build(inputShape) {
      const [height, width, channels] = imageShape(inputShape, 'layers.patchMerging');
      if (height % 2 !== 0 || width % 2 !== 0) {
        throw new CredenceError(
          'E_SHAPE',
          `layers.patchMerging halves images, and ${height} x ${width} is not even: use images or patches of another size, or fewer stages`,
        );
      }
      return chain('patchMerging', [
        { name: 'patches', layer: patches({ patch: 2 }) },
        { name: 'norm', layer: layerNorm() },
        { name: 'reduction', layer: dense({ units: 2 * channels, bias: false, bayesian }) },
        { name: 'image', layer: reshape([height / 2, width / 2, 2 * channels]) },
      ]).build(inputShape);
    },
  });
}
