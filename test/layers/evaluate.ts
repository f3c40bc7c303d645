import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../lib/engine/compile/jit';
import type { Layer } from '../../lib/layers';
import { sizeOf } from '../../lib/ndarray';
import { foldIn, keyOf, normals } from '../../lib/threefry';
import { assertClose, type Golden } from '../golden';
import { drawOf } from './draw';

/** Standard normals of this shape, the same for the same stream. */
export const noise = (stream: number, shape: readonly number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(normals(foldIn(keyOf(3), stream), sizeOf(shape))), [...shape]);

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** `fn` of the tensors, and the gradient of <fn, dy> with respect to each. */
function evaluate(fn: (tensors: Tensors) => tf.Tensor, tensors: Tensors, dy: tf.Tensor): tf.Tensor[] {
  const names = Object.keys(tensors);
  const of = (list: readonly tf.Tensor[]): tf.Tensor =>
    fn(Object.fromEntries(names.map((name, i) => [name, list[i]!])));
  const list = Object.values(tensors);
  const gradients = tf.grads((...list: tf.Tensor[]) => tf.sum(tf.mul(of(list), dy)))(list);
  return [of(list), ...gradients];
}

/** Fails unless two tensors agree to this share of the largest number (or of one, if all are smaller). */
export function assertNear(got: tf.Tensor, want: tf.Tensor, tolerance: number, what: string): void {
  assert.deepEqual(got.shape, want.shape, what);
  const [gotten, wanted] = [got.dataSync<'float32'>(), want.dataSync<'float32'>()];
  const scale = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  wanted.forEach((value, i) => {
    assert.ok(
      Math.abs(gotten[i]! - value) <= tolerance * scale,
      `${what}[${i}]: got ${gotten[i]}, want ${value}, largest ${scale}`,
    );
  });
}

/**
 * `fn` of the tensors and its gradient with respect to each, as 'output' and 'grad_<name>', after a check that the compiled function
 * gives the same.
 * @param dy the gradient with respect to the output; of its shape
 */
export function outputAndGradients(
  fn: (tensors: Tensors) => tf.Tensor,
  tensors: Tensors,
  dy: tf.Tensor,
): Record<string, tf.Tensor> {
  const names = Object.keys(tensors);
  const run = (dy: tf.Tensor, ...list: tf.Tensor[]): tf.Tensor[] =>
    evaluate(fn, Object.fromEntries(names.map((name, i) => [name, list[i]!])), dy);
  const eager = run(dy, ...Object.values(tensors));
  const compiled = jit(run)(dy, ...Object.values(tensors));
  const results = ['output', ...names.map((name) => `grad_${name}`)];
  results.forEach((name, i) => assertNear(compiled[i]!, eager[i]!, 1e-5, `compiled ${name}`));
  return Object.fromEntries(results.map((name, i) => [name, eager[i]!]));
}

/** Fails unless `fn` and its gradients, compiled or not, are those of a golden case. */
export function assertGolden(
  fn: (tensors: Tensors) => tf.Tensor,
  tensors: Tensors,
  {
    dy,
    expected,
    tolerance,
  }: { dy: tf.Tensor; expected: Readonly<Record<string, Golden>>; tolerance: number },
): void {
  for (const [name, tensor] of Object.entries(outputAndGradients(fn, tensors, dy))) {
    assertClose(tensor.dataSync(), expected[name]!, tolerance, name);
  }
}

/** Values of the parameters that a layer learns for S samples, [S, ...shape] each, by name. */
export const parametersOf = (layer: Layer, inputShape: readonly number[], samples: number): Tensors =>
  Object.fromEntries(
    layer
      .build(inputShape)
      .parameters.filter(({ isMoving }) => !isMoving)
      .map(({ name, shape, fanIn }, i) => [
        name,
        tf.mul(noise(100 + i, [samples, ...shape]), 1 / Math.sqrt(fanIn)),
      ]),
  );

/** Applies a layer to tensors 'x' [S or 1, B, ...] and its parameters. */
export const applied = (layer: Layer, inputShape: readonly number[]) => {
  const { apply } = layer.build(inputShape);
  return ({ x, ...parameters }: Tensors): tf.Tensor => apply(drawOf(new Map(Object.entries(parameters))), x!);
};

/**
 * Fails unless a layer treats samples apart: with inputs and parameters of S samples (or of one that all share), sample s of the output
 * is what the layer makes of sample s alone. Output and all gradients, compiled or not.
 * @param samples of the input, and of the parameters: S or 1
 */
export function assertSamplesApart(
  layer: Layer,
  inputShape: readonly number[],
  [inputSamples, parameterSamples]: readonly [number, number],
): void {
  const fn = applied(layer, inputShape);
  const x = noise(1, [inputSamples, 2, ...inputShape]);
  const tensors = { x, ...parametersOf(layer, inputShape, parameterSamples) };
  const dy = noise(2, [Math.max(inputSamples, parameterSamples), 2, ...layer.build(inputShape).outputShape]);
  const results = outputAndGradients(fn, tensors, dy);
  const one = (tensor: tf.Tensor, s: number): tf.Tensor =>
    tensor.shape[0] === 1 ? tensor : tf.slice(tensor, s, 1);
  const apart = Array.from({ length: dy.shape[0] }, (_, s) => {
    const alone = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, one(tensor, s)]));
    return evaluate(fn, alone, one(dy, s));
  });
  Object.entries(results).forEach(([name, got], i) => {
    const parts = apart.map((results) => results[i]!);
    // what samples share gets the sum of their gradients
    const want = got.shape[0] === 1 ? tf.addN(parts) : tf.concat(parts);
    assertNear(got, want, 1e-5, name);
  });
}

/**
 * Fails unless the gradients of a layer are what its outputs change by, along a random direction of the input and of each parameter: by
 * central differences of fourth order, to 3e-3.
 * @param given an input of numbers that cannot change a little, such as tokens
 */
export function assertSlopes(layer: Layer, inputShape: readonly number[], given?: tf.Tensor): void {
  const x = given ?? noise(1, [1, 2, ...inputShape]);
  const tensors = { ...(given ? {} : { x }), ...parametersOf(layer, inputShape, 2) };
  const names = Object.keys(tensors);
  const points: tf.Tensor[] = Object.values(tensors);
  const directions = points.map(({ shape }, i) => noise(50 + i, shape));
  const fn = (list: readonly tf.Tensor[]): tf.Tensor =>
    applied(layer, inputShape)({ x, ...Object.fromEntries(names.map((name, i) => [name, list[i]!])) });
  const dy = noise(2, fn(points).shape);
  const gradients = tf.grads((...list: tf.Tensor[]) => tf.sum(tf.mul(fn(list), dy)))(points);
  const weights = dy.dataSync<'float32'>();
  for (const [i, name] of names.entries()) {
    const at = (step: number): number =>
      fn(points.map((point, j) => (j === i ? tf.add(point, tf.mul(directions[i]!, step)) : point)))
        .dataSync<'float32'>()
        .reduce((sum, value, k) => sum + value * weights[k]!, 0);
    const h = 4e-3;
    const slope = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    const got = tf.sum(tf.mul(gradients[i]!, directions[i]!)).dataSync()[0]!;
    assert.ok(
      Math.abs(got - slope) <= 3e-3 * Math.max(1, Math.abs(slope)),
      `${layer.name}, ${name}: got ${got}, want ${slope}`,
    );
  }
}
