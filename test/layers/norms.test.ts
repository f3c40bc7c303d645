/** What normalisations have in common. */
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { batchNorm, conv2d, groupNorm, type Layer, layerNorm, rmsNorm } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { golden, type Golden } from '../golden';
import { refuses } from '../refuses';
import { applied, assertGolden, assertSamplesApart } from './evaluate';

interface Inputs {
  x: number[][];
  gamma: number[];
  beta: number[];
  epsilon: number;
  grad_output: number[][];
}
type Expected = Record<'output' | 'grad_x' | 'grad_gamma' | 'grad_beta', Golden>;

/** Norms for six channels, and the parameters that each learns. */
const norms: Record<string, [norm: (options?: { epsilon: number }) => Layer, parameters: string[]]> = {
  layerNorm: [layerNorm, ['scale', 'offset']],
  groupNorm: [(options) => groupNorm({ groups: 2, ...options }), ['scale', 'offset']],
  batchNorm: [batchNorm, ['scale', 'offset']],
  rmsNorm: [rmsNorm, ['scale']],
};

/** Those that are a layer norm of feature vectors. */
const layerNorms: Record<string, (epsilon: number) => Layer> = {
  layerNorm: (epsilon) => layerNorm({ epsilon }),
  'groupNorm with one group': (epsilon) => groupNorm({ groups: 1, epsilon }),
};

describe('layers: norms', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('layers', 'layer_norm')) {
    for (const [which, norm] of Object.entries(layerNorms)) {
      it(`layers.json ${name}: ${which}, output and all gradients`, () => {
        const one = (list: number[] | number[][]): tf.Tensor => tf.expandDims(tf.tensor(list), 0);
        const [x, scale, offset] = [one(inputs.x), one(inputs.gamma), one(inputs.beta)];
        const { grad_gamma, grad_beta, ...rest } = expected;
        assertGolden(
          applied(norm(inputs.epsilon), [x.shape[2]!]),
          { x, scale, offset },
          {
            dy: one(inputs.grad_output),
            expected: { ...rest, grad_scale: grad_gamma, grad_offset: grad_beta },
            tolerance: tolerance_f32,
          },
        );
      });
    }
  }

  for (const [name, [norm, learned]] of Object.entries(norms)) {
    it(`${name}: treats samples apart, at each place of an image or sequence, and among convolutions`, () => {
      for (const samples of [
        [3, 3],
        [1, 3],
        [3, 1],
      ] as const) {
        assertSamplesApart(norm(), [4, 6], samples);
        assertSamplesApart(norm(), [3, 2, 6], samples);
      }
      const convolution = (filters: number): Layer => conv2d({ filters, kernelSize: 3 });
      assertSamplesApart(sequential([convolution(6), norm(), convolution(2)]), [5, 4, 2], [1, 3]);
    });

    it(`${name}: learns values without a distribution over them, which start as the identity`, () => {
      const { parameters, outputShape } = norm().build([4, 4, 6]);
      assert.deepEqual(outputShape, [4, 4, 6]);
      assert.deepEqual(
        parameters.filter(({ isMoving }) => !isMoving),
        learned.map((name) => ({
          name,
          shape: [6],
          bayesian: false,
          fanIn: 6,
          initial: name === 'scale' ? 1 : 0,
        })),
      );
    });

    it(`${name}: refuses single numbers, and an epsilon that is none`, () => {
      const says = name === 'groupNorm' ? /cannot split the no channels/ : /needs inputs of shape \[\.\.\., features\]/; // prettier-ignore
      refuses(() => norm().build([]), 'E_SHAPE', says);
      refuses(() => norm({ epsilon: 0 }), 'E_OPTION', /'epsilon' must be a number above 0/);
    });
  }
});
