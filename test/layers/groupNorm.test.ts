import * as tf from '@tensorflow/tfjs';
import { backend } from '../../lib/engine/tfjs/backend';
import { groupNorm, type GroupNormOptions } from '../../lib/layers';
import { refuses } from '../refuses';
import { applied, assertNear, noise, outputAndGradients } from './evaluate';

describe('layers: groupNorm', () => {
  before(() => {
    backend();
  });

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

  it('refuses groups that do not divide the channels', () => {
    refuses(
      () => groupNorm({ groups: 4 }).build([8, 8, 6]),
      'E_SHAPE',
      /^layers\.groupNorm cannot split the 6 channels of inputs of shape \[8, 8, 6\] into 4 groups: option 'groups'/,
    );
    refuses(() => groupNorm({} as GroupNormOptions), 'E_OPTION', /option 'groups'/);
  });
});
