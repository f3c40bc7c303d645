import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { CredenceError } from '../errors';
import { validate } from '../validate';
import { attend, headLength, headOptions, joinHeads, splitHeads } from './attention';
import { parametersOf } from './chain';
import { dense } from './dense';
import type { Layer, Parameter } from './layer';
import { printed } from './printed';
import {
  fromWindows,
  type Grid,
  relativePositionIndex,
  relativePositions,
  shiftMask,
  type Size,
  toWindows,
  windowsIn,
} from './swinWindows';
import { imageShape, pair, type Pair, pairOf } from './windows';

/** Options of `layers.windowAttention`. */
export interface WindowAttentionOptions {
  /** Number of heads. */
  heads: number;
  /** Size of a window: one number, or [height, width]. It must tile the image; where the image is smaller, it is the image. */
  window: Pair;
  /** Shift the image by half a window beforehand, along the axes that have more than one window. Default false. */
  shifted?: boolean;
  /** Length of the queries, keys and values of one head. Default: channels / heads. */
  headDim?: number;
  /** Learn a distribution over the weights (true) or one value for each (false). Default true. */
  bayesian?: boolean;
  /** Add learned biases to the projections. Default true. */
  bias?: boolean;
}

const options = v.strictObject({
  ...headOptions,
  window: pair(1),
  shifted: v.optional(v.boolean(), false),
  bayesian: v.optional(v.boolean(), true),
  bias: v.optional(v.boolean(), true),
});

/** @throws CredenceError E_SHAPE if windows do not tile the image */
function gridOf(image: Size, asked: Size, shifted: boolean): Grid {
  const window = [Math.min(asked[0], image[0]), Math.min(asked[1], image[1])] as const;
  if (image[0] % window[0] !== 0 || image[1] % window[1] !== 0) {
    throw new CredenceError(
      'E_SHAPE',
      `windows of ${window.join(' x ')} do not tile images of ${image.join(' x ')}: choose a size that divides them`,
    );
  }
  const half = (axis: 0 | 1): number =>
    shifted && window[axis] < image[axis] ? Math.floor(window[axis] / 2) : 0;
  return { image, window, shift: [half(0), half(1)] };
}

/** What is added to the scores, [S or 1, windows or 1 times heads, T, T]: a learned number for each relative position, and the mask. */
function scoreBias(table: tf.Tensor, grid: Grid): tf.Tensor {
  const [samples, positions, heads] = table.shape as [number, number, number];
  const tokens = grid.window[0] * grid.window[1];
  const index = tf.tensor1d(relativePositionIndex(grid.window), 'int32');
  // a product, whose gradient is one, too: that of a look-up is slow, or missing
  const each = tf.matMul(tf.expandDims(tf.cast(tf.oneHot(index, positions), 'float32'), 0), table);
  const position = tf.reshape(tf.transpose(each, [0, 2, 1]), [samples, heads, tokens, tokens]);
  if (grid.shift.every((distance) => distance === 0)) return position;
  const mask = tf.tensor(shiftMask(grid), [1, windowsIn(grid), 1, tokens, tokens]);
  return tf.reshape(tf.add(tf.expandDims(position, 1), mask), [
    samples,
    windowsIn(grid) * heads,
    tokens,
    tokens,
  ]);
}

/**
 * Attention within windows of an image, [H, W, C] -> [H, W, C], with learned biases of relative positions: the attention of a Swin
 * transformer (Liu et al. 2021). Parameters: 'qkv.kernel' [C, 3 heads headDim], 'positionBias' [(2h - 1) (2w - 1), heads], 'output.kernel'.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if windows do not tile the image, or the heads do not divide its channels
 */
export function windowAttention(given: WindowAttentionOptions): Layer {
  const { window, shifted, bayesian, bias, ...head } = validate(options, given, 'layers.windowAttention');
  const { heads } = head;
  return printed('windowAttention', [given], {
    name: 'windowAttention',
    build(inputShape) {
      const [height, width, channels] = imageShape(inputShape, 'layers.windowAttention');
      const grid = gridOf([height, width], pairOf(window), shifted);
      const inner = heads * headLength(head, channels, 'layers.windowAttention');
      const qkv = dense({ units: 3 * inner, bayesian, bias }).build(inputShape);
      const output = dense({ units: channels, bayesian, bias }).build([height, width, inner]);
      const positions = relativePositions(grid.window);
      const table: Parameter = {
        name: 'positionBias',
        shape: [positions, heads],
        bayesian,
        fanIn: positions,
        initial: 'uniform',
      };
      const mix = (joined: tf.Tensor, table: tf.Tensor): tf.Tensor => {
        const [samples, batch] = joined.shape as [number, number];
        const tokens = toWindows(tf.reshape(joined, [samples * batch, height, width, 3 * inner]), grid);
        const bySample = tf.reshape(tokens, [samples, -1, tokens.shape[1]!, 3 * inner]);
        const [q, k, v] = splitHeads(bySample, 3, heads) as [tf.Tensor, tf.Tensor, tf.Tensor];
        const mixed = joinHeads(attend(q, k, v, scoreBias(table, grid)), heads);
        const image = fromWindows(tf.reshape(mixed, [-1, tokens.shape[1]!, inner]), grid);
        return tf.reshape(image, [mixed.shape[0], batch, height, width, inner]);
      };
      return {
        parameters: [
          ...parametersOf([{ name: 'qkv', layer: qkv }]),
          table,
          ...parametersOf([{ name: 'output', layer: output }]),
        ],
        outputShape: inputShape,
        apply: (draw, x) =>
          output.apply(draw.part('output'), mix(qkv.apply(draw.part('qkv'), x), draw.value('positionBias'))),
      };
    },
  });
}
