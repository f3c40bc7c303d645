import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../../lib/engine/tfjs/tensorflow';
import { keyOf, normals } from '../../../lib/threefry';
import { assertClose } from '../../golden';

/** Fixed numbers of about unit size. */
const values = (seed: number, shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from(
      normals(
        keyOf(seed),
        shape.reduce((a, b) => a * b, 1),
      ),
    ),
    shape,
  );

/** Central differences of a sum of squares of f: what the gradient must be. Done in single precision, so to 2e-3. */
function differences(f: (...xs: tf.Tensor[]) => tf.Tensor, xs: tf.Tensor[], which: number): number[] {
  const h = 1e-2;
  const x = xs[which]!;
  const base = x.dataSync<'float32'>();
  const at = (i: number, step: number): number => {
    const moved = Float32Array.from(base);
    moved[i] = moved[i]! + step;
    const inputs = xs.map((other, j) => (j === which ? tf.tensor(moved, x.shape) : other));
    return f(...inputs)
      .dataSync<'float32'>()
      .reduce((sum, value) => sum + value ** 2, 0);
  };
  return Array.from(base, (_, i) => (at(i, h) - at(i, -h)) / (2 * h));
}

function assertGradients(f: (...xs: tf.Tensor[]) => tf.Tensor, xs: tf.Tensor[]): void {
  const gradients = tf.grads((...inputs: tf.Tensor[]) => tf.sum(tf.square(f(...inputs))))(xs);
  gradients.forEach((gradient, i) => {
    assert.deepEqual(gradient.shape, xs[i]!.shape);
    assertClose(gradient.dataSync(), differences(f, xs, i), 2e-3, `gradient of argument ${i}`);
  });
}

describe('engine: operations of tfjs', () => {
  before(() => {
    tensorflow();
  });

  const x = [-2, -0.5, 0, 0.5, 2];
  const known: Record<string, [(x: tf.Tensor) => tf.Tensor, (x: number) => number]> = {
    exp: [tf.exp, Math.exp],
    tanh: [tf.tanh, Math.tanh],
    sigmoid: [tf.sigmoid, (v) => 1 / (1 + Math.exp(-v))],
    softplus: [tf.softplus, (v) => Math.log1p(Math.exp(v))],
    abs: [tf.abs, Math.abs],
    'cumulative sum': [(t) => tf.cumsum(t), (v) => x.slice(0, x.indexOf(v) + 1).reduce((a, b) => a + b)],
  };
  for (const [name, [onTensors, onNumbers]] of Object.entries(known)) {
    it(name, () => assertClose(onTensors(tf.tensor1d(x)).dataSync(), x.map(onNumbers), 1e-6));
  }

  it('reductions, sorting and selection', () => {
    const m = tf.tensor2d([3, 1, 2, 6, 5, 4], [2, 3]);
    assertClose(tf.mean(m, 1).dataSync(), [2, 5], 0);
    assertClose(tf.argMax(m, 1).dataSync(), [0, 0], 0);
    assertClose(tf.topk(m, 2).values.dataSync(), [3, 2, 6, 5], 0);
    assertClose(tf.logSumExp(m, 1).dataSync(), [3.407606, 6.407606], 1e-6);
    assertClose(tf.gather(m, [1, 0]).dataSync(), [6, 5, 4, 3, 1, 2], 0);
    assertClose(tf.where(tf.greater(m, 3), m, tf.zerosLike(m)).dataSync(), [0, 0, 0, 6, 5, 4], 0);
  });

  it('a convolution', () => {
    const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
    const kernel = tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1]);
    assertClose(tf.conv2d(image, kernel, 1, 'valid').dataSync(), [-4, -4, -4, -4], 0);
  });

  it('computes in place of broadcasting: [3, 1] + [1, 2]', () => {
    assertClose(
      tf.add(tf.tensor2d([[1], [2], [3]]), tf.tensor2d([[10, 20]])).dataSync(),
      [11, 21, 12, 22, 13, 23],
      0,
    );
  });
});

describe('engine: gradients', () => {
  before(() => {
    tensorflow();
  });

  it('of elementwise functions, against central differences', () => {
    assertGradients(
      (x, y) => tf.tanh(tf.mul(tf.add(x, y), tf.exp(tf.mul(y, 0.3)))),
      [values(1, [2, 3]), values(2, [3])],
    );
  });

  it('of a convolution, against central differences', () => {
    assertGradients(
      (x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
      [values(3, [1, 4, 4, 2]), values(4, [3, 3, 2, 2])],
    );
  });

  // tfjs's own gradient gives the broadcast operand the shape of the product
  const shapes: [name: string, a: number[], b: number[]][] = [
    ['of plain matrices', [2, 3], [3, 4]],
    ['of equal batches', [3, 2, 4], [3, 4, 2]],
    ['where the first operand is broadcast over samples', [1, 3, 2], [4, 2, 3]],
    ['where the second operand is broadcast over samples', [4, 3, 2], [1, 2, 3]],
    ['where each is broadcast along its own axis', [1, 2, 3, 2], [3, 1, 2, 2]],
  ];
  for (const [name, a, b] of shapes) {
    for (const transposeA of [false, true]) {
      for (const transposeB of [false, true]) {
        const turn = (shape: number[], turned: boolean): number[] =>
          turned ? [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!] : shape;
        it(`of matMul ${name}${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`, () => {
          assertGradients(
            (x, y) => tf.matMul(x, y, transposeA, transposeB),
            [values(5, turn(a, transposeA)), values(6, turn(b, transposeB))],
          );
        });
      }
    }
  }
});
