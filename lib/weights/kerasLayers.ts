/** The layers of Keras that are here, too: how each is made, and which of its arrays is which parameter. */
import * as v from 'valibot';
import * as layers from '../layers';
import type { Layer } from '../layers/layer';
import { type Shape, sizeOf } from '../ndarray';
import { count, positive } from '../validate';
import { conv, depthwiseConv2d, pool, separableConv2d } from './kerasConvolutions';
import { gru, lstm } from './kerasRecurrent';
import {
  activation,
  biased,
  type Config,
  type Converted,
  off,
  only,
  read,
  type Take,
  yes,
} from './kerasSettings';

function dense(config: Config, take: Take): Converted {
  const {
    units,
    activation: name,
    use_bias,
  } = read(v.object({ units: count(1), activation, use_bias: yes }), config);
  return {
    layer: layers.dense({ units, activation: name, bias: use_bias, bayesian: false }),
    weights: { kernel: take('kernel'), ...biased(use_bias, take) },
  };
}

function reshape(config: Config, _take: Take, inputShape: Shape): Converted {
  const { target_shape } = read(v.object({ target_shape: v.array(v.nullable(v.number(), -1)) }), config);
  const open = sizeOf(inputShape) / sizeOf(target_shape.filter((length) => length > 0));
  return { layer: layers.reshape(target_shape.map((length) => (length > 0 ? length : open))) };
}

/** The axis that is normalised, or its features. */
const lastAxis = (inputShape: Shape) =>
  v.nullish(
    v.pipe(
      v.union(
        [
          v.number(),
          v.pipe(
            v.array(v.number()),
            v.length(1),
            v.transform(([axis]) => axis!),
          ),
        ],
        'can only be the last',
      ),
      v.check((axis) => axis === -1 || axis === inputShape.length, 'can only be the last'),
    ),
    -1,
  );

function batchNorm(config: Config, take: Take, inputShape: Shape): Converted {
  const schema = v.object({
    axis: lastAxis(inputShape),
    momentum: v.nullish(v.number(), 0.99),
    epsilon: v.nullish(positive(), 1e-3),
    center: yes,
    scale: yes,
  });
  const { momentum, epsilon, center, scale } = read(schema, config);
  return {
    layer: layers.batchNorm({ momentum, epsilon, center, scale }),
    weights: {
      ...(scale && { scale: take('gamma') }),
      ...(center && { offset: take('beta') }),
      movingMean: take('moving_mean'),
      movingVariance: take('moving_variance'),
    },
  };
}

function layerNorm(config: Config, take: Take, inputShape: Shape): Converted {
  const schema = v.object({
    axis: lastAxis(inputShape),
    epsilon: v.nullish(positive(), 1e-3),
    center: only(true),
    scale: only(true),
  });
  const { epsilon } = read(schema, config);
  return { layer: layers.layerNorm({ epsilon }), weights: { scale: take('gamma'), offset: take('beta') } };
}

function embedding(config: Config, take: Take): Converted {
  const schema = v.object({ input_dim: count(1), output_dim: count(1), mask_zero: off });
  const { input_dim, output_dim } = read(schema, config);
  return {
    layer: layers.embedding({ vocabulary: input_dim, dim: output_dim, bayesian: false }),
    weights: { kernel: take('embeddings') },
  };
}

const plain =
  (make: () => Layer) =>
  (config: Config): Converted => {
    read(v.object({ data_format: only('channels_last') }), config);
    return { layer: make() };
  };

const relu = v.object({
  max_value: v.nullish(v.never('can only be missing')),
  negative_slope: only(0),
  threshold: only(0),
});

/** By class, from settings and arrays, for inputs of a shape. */
export const kerasLayers: Readonly<
  Record<string, (config: Config, take: Take, inputShape: Shape) => Converted>
> = {
  Dense: dense,
  Conv1D: conv(layers.conv1d),
  Conv2D: conv(layers.conv2d),
  Conv3D: conv(layers.conv3d),
  DepthwiseConv2D: depthwiseConv2d,
  SeparableConv2D: separableConv2d,
  MaxPooling1D: pool(layers.maxPool),
  MaxPooling2D: pool(layers.maxPool),
  MaxPooling3D: pool(layers.maxPool),
  AveragePooling1D: pool(layers.averagePool),
  AveragePooling2D: pool(layers.averagePool),
  AveragePooling3D: pool(layers.averagePool),
  GlobalMaxPooling1D: plain(layers.globalMaxPool),
  GlobalMaxPooling2D: plain(layers.globalMaxPool),
  GlobalAveragePooling1D: plain(layers.globalAveragePool),
  GlobalAveragePooling2D: plain(layers.globalAveragePool),
  Flatten: plain(layers.flatten),
  Reshape: reshape,
  Activation: (config) => ({ layer: layers.activation(read(v.object({ activation }), config).activation) }),
  ReLU: (config) => (read(relu, config), { layer: layers.activation('relu') }),
  Dropout: (config) => ({
    layer: layers.dropout({ rate: read(v.object({ rate: v.number() }), config).rate }),
  }),
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  Embedding: embedding,
  LSTM: lstm,
  GRU: gru,
};
