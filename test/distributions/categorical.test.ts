import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { ndarray } from '../../lib/ndarray';
import { assertClose, golden } from '../golden';

const categorical = likelihoods.categorical();
const labels = (...y: number[]) => ndarray(Float32Array.from(y), [y.length]);

describe('distributions: the categorical likelihood', () => {
  before(() => {
    tensorflow();
  });

  interface Inputs {
    logits: number[][];
    y: number[];
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, { log_prob: number[] }>(
    'distributions',
    'categorical_log_prob',
  )) {
    it(`distributions.json ${name}`, () => {
      const outputs = tf.tensor3d([inputs.logits, inputs.logits.map((row) => row.map((logit) => logit + 7))]);
      const nll = categorical.nll(outputs, tf.tensor1d(inputs.y, 'int32'), []);
      // the second sample has all logits moved alike, which changes nothing
      assert.deepEqual(nll.shape, [2, inputs.y.length]);
      const want = expected.log_prob.map((each) => -each);
      assertClose(nll.dataSync(), [...want, ...want], tolerance_f32);
    });
  }

  interface Softmax {
    x: number[][];
    grad_output: number[][];
  }
  for (const { name, inputs, expected, tolerance_f32 } of golden<Softmax>('layers', 'log_softmax')) {
    it(`layers.json ${name}: minus the nll of each label, and its gradient`, () => {
      const { x, grad_output: weights } = inputs;
      const columns = x[0]!.map((_, label) => label);
      const logProb = (logits: tf.Tensor): tf.Tensor =>
        tf.stack(columns.map((label) => tf.neg(categorical.nll(tf.expandDims(logits, 0), tf.fill([x.length], label, 'int32'), []))), 2); // prettier-ignore
      assertClose(logProb(tf.tensor2d(x)).dataSync(), expected['output']!, tolerance_f32);
      const gradient = tf.grad((logits: tf.Tensor) => tf.sum(tf.mul(logProb(logits), tf.tensor2d(weights))));
      assertClose(gradient(tf.tensor2d(x)).dataSync(), expected['grad_x']!, tolerance_f32);
    });
  }

  for (const { name, inputs, expected, tolerance_f32 } of golden<Softmax>('layers', 'softmax')) {
    it(`layers.json ${name}: what it predicts, and its gradient`, () => {
      const predict = (logits: tf.Tensor): tf.Tensor => categorical.predict(tf.expandDims(logits, 0), [])[0]!;
      assertClose(predict(tf.tensor2d(inputs.x)).dataSync(), expected['output']!, tolerance_f32);
      const weighted = (logits: tf.Tensor): tf.Tensor =>
        tf.sum(tf.mul(predict(logits), tf.tensor2d(inputs.grad_output)));
      assertClose(tf.grad(weighted)(tf.tensor2d(inputs.x)).dataSync(), expected['grad_x']!, tolerance_f32);
    });
  }

  it('predicts probabilities', () => {
    const [probabilities] = categorical.predict(
      tf.tensor3d([
        [
          [0, Math.log(3)],
          [1000, -1000],
        ],
      ]),
      [],
    );
    assertClose(probabilities!.dataSync(), [0.25, 0.75, 1, 0], 1e-6);
  });

  it('takes labels of any typed array', () => {
    for (const y of [
      labels(0, 2, 1),
      ndarray(Int32Array.of(0, 2, 1), [3]),
      ndarray(Uint8Array.of(0, 2, 1), [3]),
    ]) {
      assert.deepEqual(categorical.targets(y, [3]), { values: Int32Array.of(0, 2, 1), shape: [] });
    }
  });

  const refused: [
    what: string,
    y: ReturnType<typeof labels>,
    outputs: number[],
    code: string,
    message: RegExp,
  ][] = [
    [
      'a label above the classes',
      labels(0, 1, 3),
      [3],
      'E_DATA',
      /^label 3 at row 2 is not one of the model's 3 classes.*0 to 2$/,
    ],
    ['a negative label', labels(-1), [3], 'E_DATA', /^label -1 at row 0/],
    ['a label between two classes', labels(0, 0.5), [2], 'E_DATA', /^label 0.5 at row 1/],
    [
      'one-hot labels',
      ndarray(Float32Array.of(0, 1, 1, 0), [2, 2]),
      [2],
      'E_SHAPE',
      /class numbers, not one-hot rows/,
    ],
    [
      'a model with one output',
      labels(0),
      [1],
      'E_SHAPE',
      /one output per class \(at least 2\), got outputs of shape \[1\]/,
    ],
    ['a model whose outputs are images', labels(0), [8, 8, 1], 'E_SHAPE', /got outputs of shape \[8, 8, 1\]/],
  ];
  for (const [what, y, outputs, code, message] of refused) {
    it(`refuses ${what}`, () => {
      assert.throws(() => categorical.targets(y, outputs), { name: 'CredenceError', code, message });
    });
  }
});
