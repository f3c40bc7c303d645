import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { layerNorm } from '../../lib/layers';
import { golden, type Golden } from '../golden';
import { applied, assertGolden, assertSamplesApart } from './evaluate';

interface Inputs {
  x: number[][];
  gamma: number[];
  beta: number[];
  epsilon: number;
  grad_output: number[][];
}
type Expected = Record<'output' | 'grad_x' | 'grad_gamma' | 'grad_beta', Golden>;

describe('layers: layerNorm', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('layers', 'layer_norm')) {
    it(`layers.json ${name}: output and all gradients`, () => {
      const one = (list: number[] | number[][]): tf.Tensor => tf.expandDims(tf.tensor(list), 0);
      const [x, scale, offset] = [one(inputs.x), one(inputs.gamma), one(inputs.beta)];
      const { grad_gamma, grad_beta, ...rest } = expected;
      assertGolden(
        applied(layerNorm({ epsilon: inputs.epsilon }), [x.shape[2]!]),
        { x, scale, offset },
        {
          dy: one(inputs.grad_output),
          expected: { ...rest, grad_scale: grad_gamma, grad_offset: grad_beta },
          tolerance: tolerance_f32,
        },
      );
    });
  }

  it('treats samples apart, at each place of an image or sequence', () => {
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      assertSamplesApart(layerNorm(), [4, 6], samples);
      assertSamplesApart(layerNorm(), [3, 2, 5], samples);
    }
  });

  it('has no distribution over its parameters, which start as the identity', () => {
    const common = { shape: [6], bayesian: false, fanIn: 6 };
    assert.deepEqual(layerNorm().build([4, 6]).parameters, [
      { ...common, name: 'scale', initial: 1 },
      { ...common, name: 'offset', initial: 0 },
    ]);
    assert.deepEqual(layerNorm().build([4, 6]).outputShape, [4, 6]);
  });

  it('refuses single numbers, and an epsilon that is none', () => {
    assert.throws(() => layerNorm().build([]), {
      code: 'E_SHAPE',
      message: /^layers\.layerNorm needs inputs of/,
    });
    assert.throws(() => layerNorm({ epsilon: 0 }), {
      code: 'E_OPTION',
      message: /'epsilon' must be a number above 0/,
    });
  });
});
