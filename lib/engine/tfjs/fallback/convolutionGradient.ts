import * as tf from '@tensorflow/tfjs';

interface Attributes {
  strides: number | [number, number];
  pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  dimRoundingMode?: 'floor' | 'round' | 'ceil';
  filterShape: [number, number, number, number];
}

/**
 * The gradient of a convolution with respect to its filter, which the WebAssembly backend lacks: for each place (i, j) of the filter,
 * a product of the images, shifted by (i, j), with the gradient of the output. Channels come last, as everywhere in this library.
 * @param x [B, H, W, C] @param dy [B, H', W', F] @returns [kh, kw, C, F]
 */
function filterGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { strides, pad, dimRoundingMode, filterShape }: Attributes,
): tf.Tensor {
  const info = tf.backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, pad, dimRoundingMode);
  const { padInfo, strideHeight, strideWidth, outHeight, outWidth } = info;
  const [height, width, channels, filters] = filterShape;
  const { top, bottom, left, right } = padInfo;
  const padded = tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
  const gradient = tf.transpose(tf.reshape(dy, [-1, filters]));
  const products: tf.Tensor[] = [];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      const end = [x.shape[0], i + (outHeight - 1) * strideHeight + 1, j + (outWidth - 1) * strideWidth + 1];
      const step = [1, strideHeight, strideWidth, 1];
      const shifted = tf.stridedSlice(padded, [0, i, j, 0], [...end, channels], step);
      products.push(tf.matMul(gradient, tf.reshape(shifted, [-1, channels])));
    }
  }
  const places = tf.reshape(tf.stack(products), [height, width, filters, channels]);
  return tf.transpose(places, [0, 1, 3, 2]);
}

/** Makes it a kernel of the WebAssembly backend. */
export function registerConvolutionGradient(): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
      return tf.tidy(() => filterGradient(x, dy, attrs as unknown as Attributes));
    },
  });
}
