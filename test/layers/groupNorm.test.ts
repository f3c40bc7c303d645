import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { conv2d, groupNorm, type GroupNormOptions } from '../../lib/layers';
import { sequential } from '../../lib/layers/sequential';
import { golden, type Golden } from '../golden';
import { refuses } from '../refuses';
import { applied, assertGolden, assertNear, assertSamplesApart, noise, outputAndGradients } from './evaluate';

interface Inputs {
  x: number[][];
  gamma: number[];
  beta: number[];
  epsilon: number;
  grad_output: number[][];
}
type Expected = Record<'output' | 'grad_x' | 'grad_gamma' | 'grad_beta', Golden>;

describe('layers: groupNorm', () => {
  before(() => {
    backend();
  });

  for (const { name, inputs, expected, tolerance_f32 } of golden<Inputs, Expected>('layers', 'layer_norm')) {
    it(`layers.json ${name}: of feature vectors, one group is a layer norm: output and all gradients`, () => {
      const one = (list: number[] | number[][]): tf.Tensor => tf.expandDims(tf.tensor(list), 0);
      const [x, scale, offset] = [one(inputs.x), one(inputs.gamma), one(inputs.beta)];
      const { grad_gamma, grad_beta, ...rest } = expected;
      assertGolden(
        applied(groupNorm({ groups: 1, epsilon: inputs.epsilon }), [x.shape[2]!]),
        { x, scale, offset },
        {
          dy: one(inputs.grad_output),
          expected: { ...rest, grad_scale: grad_gamma, grad_offset: grad_beta },
          tolerance: tolerance_f32,
        },
      );
    });
  }

  for (const [groups, shape] of [
    [2, [3, 2, 6]],
    [3, [5, 6]],
    [6, [4, 6]],
    [1, [2, 2, 2, 6]],
  ] as const) {
    it(`${groups} groups of [${shape.join(', ')}]: by its formula, with gradients`, () => {
      const tensors = {
        x: noise(1, [2, 3, ...shape]),
        scale: noise(2, [1, 6]),
        offset: noise(3, [1, 6]),
      };
      const formula = ({ x, scale, offset }: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
        const apart = tf.reshape(x!, [6, -1, groups, 6 / groups]);
        const { mean, variance } = tf.moments(apart, [1, 3], true);
        const y = tf.reshape(tf.div(tf.sub(apart, mean), tf.sqrt(tf.add(variance, 1e-3))), x!.shape);
        return tf.add(tf.mul(y, scale!), offset!);
      };
      const dy = noise(4, [2, 3, ...shape]);
      const got = outputAndGradients(applied(groupNorm({ groups, epsilon: 1e-3 }), [...shape]), tensors, dy);
      const want = outputAndGradients(formula, tensors, dy);
      for (const [what, tensor] of Object.entries(want)) assertNear(got[what]!, tensor, 1e-5, what);
    });
  }

  it('treats samples apart, also where images keep the samples in their channels', () => {
    for (const samples of [
      [3, 3],
      [1, 3],
      [3, 1],
    ] as const) {
      assertSamplesApart(groupNorm({ groups: 2 }), [3, 2, 4], samples);
    }
    const network = sequential([
      conv2d({ filters: 4, kernelSize: 3 }),
      groupNorm({ groups: 2 }),
      conv2d({ filters: 2, kernelSize: 3 }),
    ]);
    assertSamplesApart(network, [5, 4, 2], [1, 3]);
  });

  it('has no distribution over its parameters, which start as the identity', () => {
    const common = { shape: [6], bayesian: false, fanIn: 6 };
    const { parameters, outputShape } = groupNorm({ groups: 3 }).build([4, 4, 6]);
    assert.deepEqual(parameters, [
      { ...common, name: 'scale', initial: 1 },
      { ...common, name: 'offset', initial: 0 },
    ]);
    assert.deepEqual(outputShape, [4, 4, 6]);
  });

  it('refuses groups that do not divide the channels', () => {
    refuses(
      () => groupNorm({ groups: 4 }).build([8, 8, 6]),
      'E_SHAPE',
      /^layers\.groupNorm cannot split the 6 channels of inputs of shape \[8, 8, 6\] into 4 groups: option 'groups'/,
    );
    refuses(() => groupNorm({ groups: 1 }).build([]), 'E_SHAPE', /cannot split the no channels/);
    refuses(() => groupNorm({} as GroupNormOptions), 'E_OPTION', /option 'groups'/);
  });
});
