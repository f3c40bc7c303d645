import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { fuse } from '../engine/compile/fuse';
import { vjp, withGradient } from '../engine/compile/vjp';
import { validate } from '../validate';
import type { Layer } from './layer';
import { printed } from './printed';
import { ofColumns, ofRows } from './rows';
import { isMerged, onImages, withChannels } from './sampleChannels';

const functions = {
  linear: (x: tf.Tensor): tf.Tensor => x,
  relu: (x: tf.Tensor): tf.Tensor => tf.relu(x),
  elu: (x: tf.Tensor): tf.Tensor => tf.elu(x),
  /** By the error function (Hendrycks and Gimpel 2016). */
  gelu: (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1)),
  /** Their approximation, which is what JAX means by GELU. */
  geluTanh: (x: tf.Tensor): tf.Tensor => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  },
  silu: (x: tf.Tensor): tf.Tensor => tf.mul(x, tf.sigmoid(x)),
  tanh: (x: tf.Tensor): tf.Tensor => tf.tanh(x),
  sigmoid: (x: tf.Tensor): tf.Tensor => tf.sigmoid(x),
  softplus: (x: tf.Tensor): tf.Tensor => tf.softplus(x),
};

/** 'linear', 'relu', 'elu', 'gelu' (exact), 'geluTanh' (its approximation), 'silu', 'tanh', 'sigmoid' or 'softplus'. */
export type ActivationName = keyof typeof functions;
export const activationNames = Object.keys(functions) as ActivationName[];

const alone = new Map(activationNames.map((name) => [name, fuse(functions[name])]));

/** f(x + bias) of x [S or 1, N, C] and bias [S or 1, 1, C]. */
type Biased = (x: tf.Tensor, bias: tf.Tensor) => tf.Tensor;

/** An activation with its bias. The gradient of the bias stays out of the fused region, which is slow at sums over rows. */
function biasedActivation(name: ActivationName): Biased {
  const f = functions[name];
  const forward = fuse((x: tf.Tensor, bias: tf.Tensor) => f(tf.add(x, bias)));
  const slope = fuse(
    (x: tf.Tensor, bias: tf.Tensor, dy: tf.Tensor) => vjp(f, [tf.add(x, bias)], [dy], [true])[0]!,
  );
  const apply = withGradient(
    ([x, bias]) => [name === 'linear' ? tf.add(x!, bias!) : forward(x!, bias!)],
    ([x, bias], _, [dy], [needsX, needsBias]) => {
      const gradient = name === 'linear' ? dy! : slope(x!, bias!, dy!);
      return [needsX ? ofRows(gradient, x!) : null, needsBias ? ofColumns(gradient, bias!) : null];
    },
  );
  return (x, bias) => apply(x, bias)[0]!;
}

const biased = new Map(activationNames.map((name) => [name, biasedActivation(name)]));

/** Those of which the largest value of a window is that of the largest argument. */
const increasing: ReadonlySet<ActivationName> = new Set([
  'relu',
  'elu',
  'tanh',
  'sigmoid',
  'softplus',
  'linear',
]);

interface Origin {
  x: tf.Tensor;
  activate(x: tf.Tensor): tf.Tensor;
}

const origins = new WeakMap<tf.Tensor, Origin>();

/**
 * What an increasing activation was applied to, and the activation: max pooling does the first before the second, on a fraction of the
 * numbers. A compiled function leaves out what nobody uses.
 */
export function beforeActivation(y: tf.Tensor): Origin | undefined {
  const origin = origins.get(y);
  return origin?.x.isDisposed ? undefined : origin;
}

/**
 * The elementwise function of that name, of x [S or 1, ..., C] plus a bias [S or 1, C].
 * @param bias undefined for none
 */
export function activate(name: ActivationName, x: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  const apply = (x: tf.Tensor): tf.Tensor => {
    if (bias) return withChannels(biased.get(name)!, x, bias);
    if (name === 'linear') return x;
    const fn = alone.get(name)!;
    return isMerged(x) ? onImages(fn, x) : fn(x);
  };
  const y = apply(x);
  if (y !== x && increasing.has(name)) origins.set(y, { x, activate: apply });
  return y;
}

/** Applies an elementwise function. */
export function activation(name: ActivationName): Layer {
  validate(v.picklist(activationNames), name, 'layers.activation');
  return printed('activation', [name], {
    name,
    build: (inputShape) => ({ parameters: [], outputShape: inputShape, apply: (_, x) => activate(name, x) }),
  });
}
