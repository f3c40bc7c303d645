import type * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import type { ConvolutionGeometry } from '../../lib/engine/tfjs/convolution';
import { convolve, convolveOneByOne } from '../../lib/layers/convolve';
import { assertNear, noise, outputAndGradients } from './evaluate';

describe('layers: convolutions with filters for each sample', () => {
  before(() => {
    backend();
  });

  const cases: [samples: [images: number, filters: number], groups: number, geometry: ConvolutionGeometry][] =
    [
      [[1, 1], 1, { strides: [1, 1], padding: 'same' }],
      [[1, 3], 1, { strides: [1, 1], padding: 'same' }],
      [[3, 3], 1, { strides: [1, 1], padding: 'valid' }],
      [[3, 3], 1, { strides: [2, 1], padding: 'same' }],
      [[3, 1], 1, { strides: [1, 1], padding: 'same' }],
      [[1, 1], 2, { strides: [1, 1], padding: 'same' }],
      [[1, 3], 2, { strides: [1, 1], padding: 'same' }],
      [[3, 3], 2, { strides: [2, 2], padding: 'same' }],
      [[3, 1], 2, { strides: [1, 1], padding: 'valid' }],
      [[3, 3], 4, { strides: [1, 1], padding: 'same' }],
    ];
  for (const [[images, filters], groups, geometry] of cases) {
    const title = `${images} of images, ${filters} of filters, ${groups} groups, ${JSON.stringify(geometry)}`;
    it(`equal one convolution after the other, with gradients: ${title}`, () => {
      const tensors = {
        x: noise(1, [images, 2, 6, 5, 4]),
        w: noise(2, [filters, 3, 2, 4 / groups, 8]),
      };
      const by =
        (how: typeof convolve) =>
        ({ x, w }: Readonly<Record<string, tf.Tensor>>): tf.Tensor =>
          how(x!, w!, geometry, groups);
      const dy = noise(3, by(convolveOneByOne)(tensors).shape);
      const [got, want] = [convolve, convolveOneByOne].map((how) => outputAndGradients(by(how), tensors, dy));
      for (const [name, tensor] of Object.entries(want!)) assertNear(got![name]!, tensor, 3e-6, name);
    });
  }
});
