import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { fuse } from '../../../lib/engine/compile/fuse';
import { jit } from '../../../lib/engine/compile/jit';
import { repeat } from '../../../lib/engine/compile/repeat';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { specOf, trace, type TensorFunction } from '../../../lib/engine/compile/trace';
import { assertClose } from '../../golden';

const layerNorm = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor => {
  const centered = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centered), -1, true);
  return tf.add(tf.mul(tf.mul(centered, tf.rsqrt(tf.add(variance, 1e-5))), scale), offset);
};
const softmax = (x: tf.Tensor): tf.Tensor => tf.softmax(x);
const both = (x: tf.Tensor, y: tf.Tensor): tf.Tensor[] => [tf.mul(x, y), tf.sigmoid(tf.add(x, y))];
const parts = { layerNorm, softmax, both };
const fused = { layerNorm: fuse(layerNorm), softmax: fuse(softmax), both: fuse(both) };

/** A value that depends on all arguments through all the parts, and its gradients. */
const gradients =
  ({ layerNorm, softmax, both }: typeof parts): TensorFunction =>
  (...args) => {
    const loss = (...[x, scale, offset]: tf.Tensor[]): tf.Scalar => {
      const [product, gate] = both(softmax(layerNorm(x!, scale!, offset!)), scale!);
      return tf.sum(tf.mul(tf.square(product!), gate!));
    };
    const { value, grads } = tf.valueAndGrads(loss)(args);
    return [value, ...grads];
  };

const compile = (fn: TensorFunction, args: readonly tf.Tensor[]) => trace(fn, args.map(specOf));

describe('engine: fuse', () => {
  let args: tf.Tensor[];
  before(() => {
    tensorflow();
    const wave = (shape: number[], by: number): tf.Tensor =>
      tf.reshape(
        tf.sin(
          tf.mul(
            tf.range(
              0,
              shape.reduce((a, b) => a * b),
            ),
            by,
          ),
        ),
        shape,
      );
    args = [wave([2, 3, 8], 1.3), wave([8], 0.7), wave([8], 2.1)];
  });

  it('gives the values and gradients of the function itself: to 2e-6 of the largest', () => {
    const want = gradients(parts)(...args) as tf.Tensor[];
    const got = jit(gradients(fused))(...args) as tf.Tensor[];
    assert.equal(got.length, 4);
    want.forEach((exact, i) => {
      const values = exact.dataSync<'float32'>();
      const largest = Math.max(...values.map(Math.abs));
      assert.ok(largest > 1e-3);
      assertClose(got[i]!.dataSync(), Array.from(values), 2e-6 * largest);
    });
  });

  it('is the function itself outside of a compiled one, for eager gradients, too', () => {
    const want = gradients(parts)(...args) as tf.Tensor[];
    const got = gradients(fused)(...args) as tf.Tensor[];
    want.forEach((exact, i) => assert.deepEqual(got[i]!.dataSync(), exact.dataSync()));
  });

  it('makes one region of the function and one of its gradient', () => {
    const forward = compile((x) => fused.softmax(x), args.slice(0, 1));
    assert.equal(forward.definitions.length, 2);
    const backward = compile((x) => tf.grad((x: tf.Tensor) => tf.sum(tf.square(fused.softmax(x))))(x), args.slice(0, 1)); // prettier-ignore
    assert.equal(backward.definitions.length, 3);
  });

  it('makes equal functions once, whichever closure they come from', () => {
    const names = [0, 1].map(() => {
      const again = fuse((x: tf.Tensor) => tf.softmax(x));
      return compile((x) => again(x), args.slice(0, 1)).definitions.map(({ name }) => name);
    });
    assert.deepEqual(names[0], names[1]);
  });

  it('is part of the region it is called in', () => {
    const outer = fuse((x: tf.Tensor) => fused.softmax(tf.mul(x, 2)));
    const { definitions } = compile((x) => outer(x), args.slice(0, 1));
    assert.equal(definitions.length, 2);
  });

  it('computes no gradient that nobody asks for', () => {
    // of both arguments, of x alone: the second region has one result, so it is another one
    const [x, scale] = args as [tf.Tensor, tf.Tensor];
    const loss = (x: tf.Tensor, y: tf.Tensor): tf.Scalar => tf.sum(tf.square(fused.both(x, y)[0]!));
    const named = (fn: TensorFunction): Set<string> =>
      new Set(compile(fn, [x, scale]).definitions.map(({ name }) => name));
    const all = named((x, y) => tf.grads(loss)([x, y]));
    const first = named((x, y) => tf.grad((x: tf.Tensor) => loss(x, y))(x));
    assert.equal([...all].filter((name) => first.has(name)).length, 1);
  });

  it('refuses what is no function, as jit and repeat do', () => {
    const three = 3 as unknown as TensorFunction;
    for (const make of [() => fuse(three), () => jit(three), () => repeat(2, three, [])]) {
      assert.throws(make, { code: 'E_OPTION', message: /must be a function of tensors, got 3/ });
    }
  });
});
