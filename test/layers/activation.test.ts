import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../lib/engine/compile/jit';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { activation, type ActivationName } from '../../lib/layers';
import { assertClose, golden } from '../golden';
import { drawOf } from './draw';

const none = drawOf(new Map());
const apply = (name: ActivationName, x: tf.Tensor): tf.Tensor => activation(name).build([9]).apply(none, x);

/** f and its derivative, in numbers. */
const closedForms: Partial<Record<ActivationName, [(x: number) => number, (x: number) => number]>> = {
  linear: [(x) => x, () => 1],
  relu: [(x) => Math.max(x, 0), (x) => (x > 0 ? 1 : 0)],
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2],
};

describe('layers: activation', () => {
  before(() => {
    tensorflow();
  });

  interface Inputs {
    x: number[];
    grad_output: number[];
  }
  for (const [name, quantity] of [
    ['gelu', 'gelu_exact'],
    ['geluTanh', 'gelu_tanh'],
    ['silu', 'silu'],
    ['softplus', 'softplus'],
    ['elu', 'elu'],
  ] as const) {
    for (const { name: which, inputs, expected, tolerance_f32 } of golden<Inputs>('layers', quantity)) {
      it(`layers.json ${which}`, () => {
        const [x, dy] = [tf.tensor1d(inputs.x), tf.tensor1d(inputs.grad_output)];
        assertClose(apply(name, x).dataSync(), expected['output']!, tolerance_f32);
        assertClose(
          tf
            .grad((x) => apply(name, x))(x, dy)
            .dataSync(),
          expected['grad_x']!,
          tolerance_f32,
        );
      });
    }
  }

  for (const [name, [f, slope]] of Object.entries(closedForms)) {
    it(`${name}, against the closed form`, () => {
      const x = [-8, -1.2, -0.4, 0.001, 0.6, 2.5, 8];
      const tensor = tf.tensor1d(x);
      assertClose(apply(name as ActivationName, tensor).dataSync(), x.map(f), 1e-6);
      assertClose(
        tf
          .grad((x) => tf.mul(apply(name as ActivationName, x), 1))(tensor)
          .dataSync(),
        x.map(slope),
        1e-6,
      );
    });
  }

  it('compiles, with gradient, to the same values', () => {
    for (const name of ['relu', 'elu', 'gelu', 'geluTanh', 'silu', 'tanh', 'sigmoid', 'softplus'] as const) {
      const both = (x: tf.Tensor): tf.Tensor[] => [apply(name, x), tf.grad((y) => apply(name, y))(x)];
      const x = tf.tensor1d([-3, -0.5, 0.5, 3]);
      const [eager, compiled] = [both(x), jit(both)(x)];
      eager.forEach((want, i) =>
        assertClose(compiled[i]!.dataSync(), Array.from(want.dataSync()), 1e-6, name),
      );
    }
  });

  it('keeps the shape', () => {
    assert.deepEqual(activation('relu').build([8, 8, 3]).outputShape, [8, 8, 3]);
  });

  it('refuses an unknown name', () => {
    assert.throws(() => activation('swish' as ActivationName), {
      code: 'E_OPTION',
      message: /^layers.activation: must be .*"relu".*, got "swish"$/,
    });
  });
});
