import assert from 'node:assert/strict';
import { callOn, distance } from '../backends';
import type { evaluate } from './backendCases';

type Results = ReturnType<typeof evaluate>;

/** float32 sums of some hundred products, in another order. */
const TOLERANCE = 1e-5;

describe('layers: without TensorFlow', () => {
  it('are what they are with it, and so are their gradients', async () => {
    const truth = await callOn<Results>('tensorflow', 'layers/backendCases', 'evaluate');
    for (const backend of ['wasm', 'cpu'] as const) {
      const results = await callOn<Results>(backend, 'layers/backendCases', 'evaluate');
      assert.deepEqual(Object.keys(results), Object.keys(truth));
      for (const [layer, wanted] of Object.entries(truth)) {
        wanted.forEach((values, i) => {
          const far = distance(values, results[layer]![i]!);
          assert.ok(far < TOLERANCE, `${layer}, result ${i}: ${far} on ${backend}`);
        });
      }
    }
  });
});
