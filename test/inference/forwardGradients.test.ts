import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { forwardGradients } from '../../lib/inference/forwardGradients';
import { map } from '../../lib/inference/map';
import type { Program } from '../../lib/inference/method';
import { dense } from '../../lib/layers';
import { accuracy } from '../../lib/metrics';
import { adam, sgd } from '../../lib/optimizers';
import { clouds, fitClouds } from '../problems';
import { startVectors, wholeBatch } from '../programs';
import { refuses } from '../refuses';
import { assertSameOnMeshes } from '../variables';

/** A model of six numbers. */
const problem = {
  model: dense({ units: 2 }),
  likelihood: clouds.likelihood,
  optimizer: sgd(),
  inputShape: [2],
  targetShape: [],
  size: 60,
  steps: 100,
  stepsPerEpoch: 1,
};

function gradientAt(program: Program, step: number): Float32Array {
  const { x, y } = clouds.train;
  return tf.tidy(() => {
    const vectors = startVectors(program).map((values) => tf.tensor1d(values));
    const batch = {
      ...wholeBatch(tf.tensor(x, [60, 2]), tf.tensor(y, [60], 'int32'), tf.zeros([0, 1, 2], 'int32')),
      step: tf.scalar(step),
    };
    const [, ...gradients] = program.gradients(vectors, batch);
    return tf.concat(gradients).dataSync<'float32'>();
  });
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('inference: forward gradients', () => {
  before(() => {
    tensorflow();
  });
  const exact = (): Float32Array => gradientAt(map().build(problem), 1);

  it('are the gradient where there are as many tangents as numbers', () => {
    const want = exact();
    const got = gradientAt(forwardGradients(map(), { tangents: 6 }).build(problem), 1);
    got.forEach((value, i) => assert.ok(Math.abs(value - want[i]!) < 1e-5 * Math.sqrt(dot(want, want))));
  });

  it('are its projection where there are fewer: never longer, never against it, other ones in other steps and runs', () => {
    const want = exact();
    const program = forwardGradients(map(), { tangents: 2 }).build(problem);
    const [one, two] = [gradientAt(program, 1), gradientAt(program, 2)];
    for (const got of [one, two]) {
      // g' (g - g') = 0 for a projection
      assert.ok(Math.abs(dot(got, want) - dot(got, got)) < 1e-5 * dot(want, want));
      assert.ok(dot(got, got) < dot(want, want));
    }
    assert.notDeepEqual(one, two);
    const seeded = (seed: number): Float32Array =>
      gradientAt(forwardGradients(map(), { tangents: 2 }).build({ ...problem, seed }), 1);
    assert.deepEqual(seeded(0), one);
    assert.notDeepEqual(seeded(1), one);
  });

  it('of the mean are the gradient on average', () => {
    const want = exact();
    const program = forwardGradients(map(), { tangents: 64, aggregation: 'mean' }).build(problem);
    const steps = 50;
    const sum = new Float64Array(6);
    for (let step = 1; step <= steps; step++)
      gradientAt(program, step).forEach((value, i) => (sum[i]! += value));
    // var (v.g) v_i = |g|² + g_i²; 4 standard errors of 3200 tangents
    const error = Math.sqrt((2 * dot(want, want)) / (64 * steps));
    sum.forEach((value, i) => assert.ok(Math.abs(value / steps - want[i]!) < 4 * error));
  });

  it('train, and to the same end on any mesh', async () => {
    const settings = { method: forwardGradients(map(), { tangents: 8 }), optimizer: adam(3e-2), epochs: 60 };
    const alone = await fitClouds(settings).done;
    assert.ok(accuracy(alone.predict(clouds.train.x).mean, clouds.train.y) > 0.9);
    await assertSameOnMeshes(
      (given) => fitClouds({ ...settings, ...given }).done,
      [[1, 2], [1, 3]], // prettier-ignore
      1e-4,
    );
  });

  it('refuse options that make no sense', () => {
    refuses(
      () => forwardGradients(map(), { tangents: 0 }),
      'E_OPTION',
      /forwardGradients: option 'tangents'/,
    );
  });
});
