import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { CredenceError } from '../errors';
import type { Shape } from '../ndarray';
import { validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';

/** One number for all channels, or one for each. @inline */
type PerChannel = number | ArrayLike<number>;

/** Options of `layers.normalize`. */
export interface NormalizeOptions {
  /** Mean of each channel: a list of numbers, or one number for all. */
  mean: PerChannel;
  /** Standard deviation of each channel: a list of numbers above 0, or one number for all. */
  std: PerChannel;
}

const perChannel = (valid: (value: number) => boolean, rule: string) =>
  v.custom<PerChannel>((value) => {
    const list = typeof value === 'number' ? [value] : Array.from((value ?? []) as ArrayLike<unknown>);
    return list.length > 0 && list.every((each) => typeof each === 'number' && valid(each));
  }, rule);

const options = v.strictObject({
  mean: perChannel(Number.isFinite, 'must be a number, or a list of a number for each channel'),
  std: perChannel(
    (value) => value > 0 && Number.isFinite(value),
    'must be a number above 0, or a list of one for each channel',
  ),
});

/** @throws CredenceError E_SHAPE if there are not as many as channels */
function channelsOf(values: PerChannel, option: string, inputShape: Shape): Float32Array {
  if (typeof values === 'number') return Float32Array.of(values);
  const channels = inputShape.at(-1);
  if (values.length !== channels) {
    throw new CredenceError(
      'E_SHAPE',
      `layers.normalize: option '${option}' has ${values.length} values, but inputs of shape [${inputShape.join(', ')}] have ${channels ?? 'no'} channels: give one for each, or one number`,
    );
  }
  return Float32Array.from(values);
}

/**
 * (x - mean) / std of each channel of x [..., C], by numbers that are known beforehand (`data.standardization`) and not learned. As a
 * layer of the model it does for predictions what it did in training.
 * @throws CredenceError E_OPTION; when built, E_SHAPE if there are not as many numbers as channels
 */
export function normalize(given: NormalizeOptions): Layer {
  const { mean, std } = validate(options, given, 'layers.normalize');
  return printed('normalize', [given], {
    name: 'normalize',
    build(inputShape) {
      const [center, spread] = [channelsOf(mean, 'mean', inputShape), channelsOf(std, 'std', inputShape)];
      const standardize = fuse((x: tf.Tensor) => tf.div(tf.sub(x, tf.tensor1d(center)), tf.tensor1d(spread)));
      return { parameters: [], outputShape: inputShape, apply: (_, x) => standardize(x) };
    },
  });
}
