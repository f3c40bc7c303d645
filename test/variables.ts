/** What tests ask of what was learned. */
import assert from 'node:assert/strict';
import type { Mesh } from '../lib/parallel/plan/mesh';

export type Variables = ReadonlyMap<string, Float32Array>;

/** The largest difference of two sets of variables, relative to the largest element of each variable. */
export function deviation(got: Variables, want: Variables): number {
  assert.deepEqual([...got.keys()], [...want.keys()]);
  let worst = 0;
  for (const [name, values] of want) {
    const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    values.forEach((value, i) => {
      const difference = Math.abs(got.get(name)![i]! - value) / largest;
      worst = Math.max(worst, Number.isNaN(difference) ? Infinity : difference);
    });
  }
  return worst;
}

/** Asserts that workers of these meshes learn what one learns alone, to a share of the largest element of each variable. */
export async function assertSameOnMeshes(
  learn: (given: { strategy?: Mesh; devices?: 'all' }) => Promise<{ variables: Variables }>,
  meshes: readonly (readonly [sample: number, data: number])[],
  tolerance: number,
): Promise<void> {
  const alone = await learn({});
  for (const [sample, data] of meshes) {
    const together = await learn({ strategy: { sample, data }, devices: 'all' });
    const off = deviation(together.variables, alone.variables);
    assert.ok(off <= tolerance, `${sample} x ${data} workers: off by ${off}`);
  }
}
