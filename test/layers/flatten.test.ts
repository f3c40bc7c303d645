import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { flatten } from '../../lib/layers';
import { drawOf } from './draw';

describe('layers: flatten', () => {
  it('makes a row of each input, in row-major order', () => {
    tensorflow();
    const { apply, outputShape, parameters } = flatten().build([2, 2, 3]);
    assert.deepEqual([outputShape, parameters], [[12], []]);
    const x = tf.reshape(tf.range(0, 48), [2, 2, 2, 2, 3]);
    const rows = apply(drawOf(new Map()), x);
    assert.deepEqual(rows.shape, [2, 2, 12]);
    assert.deepEqual(rows.dataSync(), x.dataSync());
  });

  it('leaves rows as they are', () => {
    assert.deepEqual(flatten().build([7]).outputShape, [7]);
  });
});
