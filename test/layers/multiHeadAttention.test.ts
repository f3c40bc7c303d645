import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { type AttentionOptions, multiHeadAttention } from '../../lib/layers';
import { assertClose, golden, type Golden } from '../golden';
import { applied, assertSamplesApart, outputAndGradients } from './evaluate';

type Matrix = number[][];
interface Inputs {
  x: number[][][];
  grad_output: number[][][];
  heads: number;
  causal: boolean;
  Wq: Matrix;
  Wk: Matrix;
  Wv: Matrix;
  Wo: Matrix;
  bq: number[];
  bk: number[];
  bv: number[];
  bo: number[];
}
type Expected = Readonly<Record<string, Golden>>;

describe('layers: multiHeadAttention', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>(
    'layers',
    'multi_head_attention',
  )) {
    it(`layers.json ${name}: output and all gradients`, () => {
      const { x, heads, causal, Wq, Wk, Wv, Wo, bq, bk, bv, bo, grad_output: dy } = inputs;
      const features = Wo.length;
      const one = (tensor: tf.Tensor): tf.Tensor => tf.expandDims(tensor, 0);
      const tensors = {
        x: one(tf.tensor3d(x)),
        'qkv.kernel': one(tf.concat([Wq, Wk, Wv].map((w) => tf.tensor2d(w)), 1)), // prettier-ignore
        'qkv.bias': one(tf.concat([bq, bk, bv].map((b) => tf.tensor1d(b)))), // prettier-ignore
        'output.kernel': one(tf.tensor2d(Wo)),
        'output.bias': one(tf.tensor1d(bo)),
      };
      const fn = applied(multiHeadAttention({ heads, causal }), [x[0]!.length, features]);
      const got = outputAndGradients(fn, tensors, one(tf.tensor3d(dy)));
      const check = (tensor: tf.Tensor, names: readonly string[]): void => {
        const parts = tf.split(tensor, names.length, -1);
        names.forEach((name, i) => assertClose(parts[i]!.dataSync(), expected[name]!, tolerance_f32, name));
      };
      check(got['output']!, ['output']);
      check(got['grad_x']!, ['grad_x']);
      check(got['grad_qkv.kernel']!, ['grad_Wq', 'grad_Wk', 'grad_Wv']);
      check(got['grad_qkv.bias']!, ['grad_bq', 'grad_bk', 'grad_bv']);
      check(got['grad_output.kernel']!, ['grad_Wo']);
      check(got['grad_output.bias']!, ['grad_bo']);
    });
  }

  it('treats samples apart', () => {
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      assertSamplesApart(multiHeadAttention({ heads: 2, headDim: 3 }), [5, 4], samples);
    }
  });

  it('declares its parameters', () => {
    const { parameters, outputShape } = multiHeadAttention({ heads: 4, bias: false }).build([9, 8]);
    assert.deepEqual(outputShape, [9, 8]);
    assert.deepEqual(
      parameters.map(({ name, shape, fanIn }) => ({ name, shape, fanIn })),
      [
        { name: 'qkv.kernel', shape: [8, 24], fanIn: 8 },
        { name: 'output.kernel', shape: [8, 8], fanIn: 8 },
      ],
    );
    const wide = multiHeadAttention({ heads: 2, headDim: 7, bayesian: false }).build([9, 8]).parameters;
    assert.deepEqual(
      wide.map(({ name, shape, bayesian }) => ({ name, shape, bayesian })),
      [
        { name: 'qkv.kernel', shape: [8, 42], bayesian: false },
        { name: 'qkv.bias', shape: [42], bayesian: false },
        { name: 'output.kernel', shape: [14, 8], bayesian: false },
        { name: 'output.bias', shape: [8], bayesian: false },
      ],
    );
  });

  it('refuses what it cannot take, and says why', () => {
    const refused: [AttentionOptions, number[], RegExp][] = [
      [
        { heads: 2 },
        [8],
        /^layers\.multiHeadAttention needs inputs of shape \[tokens, features\], got \[8\]/,
      ],
      [{ heads: 2 }, [4, 4, 8], /needs inputs of shape \[tokens, features\], got \[4, 4, 8\]/],
      [{ heads: 3 }, [4, 8], /cannot split 8 features into 3 heads: .*'headDim'/],
    ];
    for (const [options, shape, message] of refused) {
      assert.throws(() => multiHeadAttention(options).build(shape), { code: 'E_SHAPE', message });
    }
    assert.throws(() => multiHeadAttention({ heads: 0 }), {
      code: 'E_OPTION',
      message: /option 'heads' must be/,
    });
  });
});
