import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { dense } from '../../lib/layers';
import { assertClose, golden } from '../golden';
import { drawOf } from './draw';
import { applied, assertNear, assertSamplesApart, noise, parametersOf } from './evaluate';

type List = number[] | number[][] | number[][][];
interface Inputs {
  x: number[][];
  W: List;
  b: List;
  grad_output: List;
}
type Expected = Record<'output' | 'grad_x' | 'grad_W' | 'grad_b', List>;

describe('layers: dense', () => {
  before(() => {
    tensorflow();
  });

  const cases = [
    ...golden<Inputs, Expected>('layers', 'linear'),
    ...golden<Inputs, Expected>('layers', 'linear_per_sample_weights'),
  ];
  for (const { name, inputs, expected, tolerance_f32 } of cases) {
    it(`layers.json ${name}: output and all gradients`, () => {
      // a case without samples is one with one sample
      const withSamples = (list: List, rank: number): tf.Tensor => {
        const tensor = tf.tensor(list);
        return tensor.rank === rank ? tensor : tf.expandDims(tensor, 0);
      };
      const [x, W, b] = [
        tf.expandDims(tf.tensor2d(inputs.x), 0),
        withSamples(inputs.W, 3),
        withSamples(inputs.b, 2),
      ];
      const { apply, outputShape } = dense({ units: W.shape[2]! }).build([W.shape[1]!]);
      assert.deepEqual(outputShape, [W.shape[2]]);
      const outputs = (x: tf.Tensor, W: tf.Tensor, b: tf.Tensor): tf.Tensor =>
        apply(
          drawOf(
            new Map([
              ['kernel', W],
              ['bias', b],
            ]),
          ),
          x,
        );
      const weights = withSamples(inputs.grad_output, 3);
      const gradients = tf.grads((x: tf.Tensor, W: tf.Tensor, b: tf.Tensor) =>
        tf.sum(tf.mul(outputs(x, W, b), weights)),
      );
      assertClose(outputs(x, W, b).dataSync(), expected.output, tolerance_f32, 'output');
      gradients([x, W, b]).forEach((gradient, i) => {
        const which = (['grad_x', 'grad_W', 'grad_b'] as const)[i]!;
        assertClose(gradient.dataSync(), expected[which], tolerance_f32, which);
      });
    });
  }

  it('declares its parameters', () => {
    const kernel = { name: 'kernel', shape: [5, 3], bayesian: true, fanIn: 5, initial: 'uniform' };
    assert.deepEqual(dense({ units: 3 }).build([5]).parameters, [
      kernel,
      { ...kernel, name: 'bias', shape: [3] },
    ]);
    assert.deepEqual(dense({ units: 3, bias: false, bayesian: false }).build([5]).parameters, [
      { ...kernel, bayesian: false },
    ]);
  });

  it('applies its activation', () => {
    const { apply } = dense({ units: 2, bias: false, activation: 'relu' }).build([1]);
    const output = apply(drawOf(new Map([['kernel', tf.tensor3d([[[1, -1]]])]])), tf.tensor3d([[[2], [-3]]]));
    assertClose(output.dataSync(), [2, 0, 0, 3], 0);
  });

  it('is applied at each place of a sequence or image', () => {
    assert.deepEqual(dense({ units: 10 }).build([8, 8, 3]).outputShape, [8, 8, 10]);
    const x = noise(1, [2, 3, 4, 5]);
    const parameters = parametersOf(dense({ units: 6 }), [5], 2);
    const got = applied(dense({ units: 6 }), [4, 5])({ x, ...parameters });
    const rows = applied(dense({ units: 6 }), [5])({ x: tf.reshape(x, [2, 12, 5]), ...parameters });
    assertNear(got, tf.reshape(rows, [2, 3, 4, 6]), 1e-6, 'output');
    assert.deepEqual(got.shape, [2, 3, 4, 6]);
  });

  it('treats samples apart', () => {
    for (const activation of ['linear', 'relu', 'gelu'] as const) {
      for (const samples of [
        [3, 3],
        [1, 3],
        [3, 1],
      ] as const) {
        assertSamplesApart(dense({ units: 3, activation }), [5], samples);
        assertSamplesApart(dense({ units: 3, activation }), [4, 5], samples);
      }
    }
  });

  it('refuses single numbers and says what to do', () => {
    assert.throws(() => dense({ units: 10 }).build([]), {
      name: 'CredenceError',
      code: 'E_SHAPE',
      message:
        'layers.dense needs inputs of shape [..., features], got single numbers: give data of shape [N, 1]',
    });
  });

  it('refuses options that are unknown, missing or out of range', () => {
    const refused: [options: object, message: string | RegExp][] = [
      [{ unit: 3 }, /^layers\.dense: (unknown option 'unit'\. Did you mean 'units'\?|option 'units')/],
      [
        { units: 3, activaton: 'relu' },
        "layers.dense: unknown option 'activaton'. Did you mean 'activation'? Options: units, activation, bayesian, bias",
      ],
      [
        { units: 3, wings: 2 },
        "layers.dense: unknown option 'wings'. Options: units, activation, bayesian, bias",
      ],
      [{ units: 0 }, "layers.dense: option 'units' must be a whole number of at least 1, got 0"],
      [{ units: 2.5 }, "layers.dense: option 'units' must be a whole number of at least 1, got 2.5"],
      [{ units: 3, activation: 'rely' }, /layers.dense: option 'activation' must be .*"relu".*, got "rely"/],
      [{ units: 3, bayesian: 'no' }, /layers.dense: option 'bayesian' must be boolean, got "no"/],
    ];
    for (const [options, message] of refused) {
      assert.throws(() => dense(options as { units: number }), { code: 'E_OPTION', message });
    }
  });
});
