import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { jit } from '../../lib/engine/compile/jit';
import { backend } from '../../lib/engine/tfjs/backend';
import { CredenceError } from '../../lib/errors';
import { dense, embedding, type EmbeddingOptions, globalAveragePool } from '../../lib/layers';
import { convert } from '../../lib/layers/convert';
import { sequential } from '../../lib/layers/sequential';
import { refuses } from '../refuses';
import { applied, assertNear, noise, outputAndGradients } from './evaluate';

const TOKENS = [3, 0, 0, 4, 1, 3];

describe('layers: embedding', () => {
  before(() => {
    backend();
  });

  for (const [inputs, tables] of [
    [1, 1],
    [1, 3],
    [3, 3],
    [3, 1],
  ] as const) {
    it(`is a product with one-hot rows, with gradient: ${inputs} samples of inputs, ${tables} of tables`, () => {
      const samples = Array.from({ length: inputs }, (_, s) => TOKENS.map((token) => (token + s) % 5));
      const x = tf.tensor(samples.flat(), [inputs, 2, 3]);
      const oneHot = tf.cast(tf.oneHot(tf.cast(x, 'int32'), 5), 'float32');
      const layer = applied(embedding({ vocabulary: 5, dim: 4 }), [3]);
      const kernel = noise(1, [tables, 5, 4]);
      const dy = noise(2, [Math.max(inputs, tables), 2, 3, 4]);
      const got = outputAndGradients(
        ({ kernel }) => layer({ x: tf.tensor(samples.flat(), [inputs, 2, 3]), kernel: kernel! }),
        { kernel },
        dy,
      );
      const product = ({ kernel }: Readonly<Record<string, tf.Tensor>>): tf.Tensor =>
        tf.reshape(tf.matMul(tf.reshape(oneHot, [inputs, 6, 5]), kernel!), dy.shape);
      const want = tf.grad((kernel: tf.Tensor) => tf.sum(tf.mul(product({ kernel }), dy)))(kernel);
      assertNear(got['output']!, product({ kernel }), 1e-6, 'output');
      assertNear(got['grad_kernel']!, want, 1e-6, 'gradient');
    });
  }

  it('declares its table and the shape of its output', () => {
    const { parameters, outputShape } = embedding({ vocabulary: 50, dim: 8 }).build([12]);
    assert.deepEqual(outputShape, [12, 8]);
    assert.deepEqual(parameters, [
      { name: 'kernel', shape: [50, 8], bayesian: true, fanIn: 1, initial: 'uniform' },
    ]);
    assert.deepEqual(embedding({ vocabulary: 50, dim: 8 }).build([]).outputShape, [8]);
    assert.equal(
      embedding({ vocabulary: 5, dim: 2, bayesian: false }).build([3]).parameters[0]!.bayesian,
      false,
    );
  });

  it('refuses what is no token, and in a compiled function it never passes for one', () => {
    const layer = applied(embedding({ vocabulary: 5, dim: 4 }), [1]);
    const kernel = noise(1, [2, 5, 4]);
    const compiled = jit((x: tf.Tensor, kernel: tf.Tensor) => layer({ x, kernel }));
    for (const wrong of [5, -1, 0.5, NaN]) {
      const x = tf.tensor3d([1, wrong], [1, 2, 1]);
      refuses(
        () => layer({ x, kernel }),
        'E_DATA',
        new RegExp(
          `^layers\\.embedding needs whole numbers from 0 to 4, got ${wrong} in row 1: make option 'vocabulary' larger`,
        ),
      );
      try {
        const values = compiled(x, kernel).dataSync<'float32'>();
        // tokens 1 and `wrong` of two samples, 4 features each
        assert.deepEqual(
          Array.from(values, Number.isNaN),
          [0, 1, 0, 1].flatMap((bad) => Array<boolean>(4).fill(bad === 1)),
        );
      } catch (error) {
        assert.ok(error instanceof CredenceError, String(error));
        assert.match(error.message, /indices.* is not in \[0, 10\)/); // TensorFlow's on CPUs
      }
    }
  });

  it('looks at whole data sets beforehand, wherever it is the first to see them, and names the row', () => {
    const table = embedding({ vocabulary: 5, dim: 4 });
    for (const model of [table, sequential([table, globalAveragePool()]), convert(sequential([sequential([table])]), { bayesian: false })]) {
      const { checkInputs } = model.build([3]);
      checkInputs!(Float32Array.of(0, 1, 2, 3, 4, 4));
      refuses(() => checkInputs!(Float32Array.of(0, 1, 2, 3, 4, 5)), 'E_DATA', /from 0 to 4, got 5 in row 1: make option/);
      refuses(() => checkInputs!([0, 0.5, 1]), 'E_DATA', /got 0\.5 in row 0/);
    }
    assert.equal(sequential([dense({ units: 2 })]).build([3]).checkInputs, undefined);
  }); // prettier-ignore

  it('refuses options out of range', () => {
    refuses(() => embedding({ dim: 4 } as EmbeddingOptions), 'E_OPTION', /option 'vocabulary'/);
    refuses(
      () => embedding({ vocabulary: 5, dim: 0 }),
      'E_OPTION',
      /option 'dim' must be a whole number of at least 1/,
    );
  });
});
