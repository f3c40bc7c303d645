import assert from 'node:assert/strict';
import { energy, type Phase } from '../../../lib/inference/chains/phase';
import { growTree } from '../../../lib/inference/chains/tree';
import { foldIn, keyOf, normals, uniforms } from '../../../lib/threefry';
import { assertMoments, banana, correlated, type Density, funnel, normalDensity, sampler } from './densities';

const ones = (dim: number): Float64Array => new Float64Array(dim).fill(1);

/** One iteration from a position. @param number of the random numbers */
function iterate(
  { dim, potential }: Density,
  q: Float64Array,
  stepSize: number,
  number: number,
  maxDepth = 10,
) {
  const key = foldIn(keyOf(11), number);
  const start: Phase = { q, p: normals(foldIn(key, 0), dim), at: potential(q) };
  let next = 0;
  const uniform = (): number => uniforms(foldIn(foldIn(key, 1), next++), 1)[0]!;
  const variances = ones(dim);
  return { start, ...growTree(start, maxDepth, { stepSize, variances, landscape: { potential }, uniform }) };
}

describe('inference: the No-U-Turn Sampler finds known moments to 4 standard errors', () => {
  for (const [name, density] of [
    ['a normal density of correlation 0.9 and scales of 1 and 10', correlated],
    ['a banana', banana],
    ['a funnel', funnel],
  ] as const) {
    it(`of ${name}`, () => assertMoments(density, sampler({ targetAccept: 0.95 })));
  }
});

describe('inference: a tree of the No-U-Turn Sampler', () => {
  const round = normalDensity([0, 0], [[1, 0], [0, 1]]); // prettier-ignore

  // where it starts from independent draws of the density, one iteration must end at draws of it: a bias of any kind would show at once
  for (const [name, density, stepSize, draw, moments] of [
    [
      'a normal density',
      round,
      0.9,
      (z: Float64Array) => Float64Array.of(z[0]!, z[1]!),
      [
        [(q: Float64Array) => q[0]!, 0, 1],
        [(q: Float64Array) => q[0]! ** 2, 1, 2],
        [(q: Float64Array) => q[0]! * q[1]!, 0, 1],
        [(q: Float64Array) => q[0]! ** 4, 3, 96],
      ],
    ],
    [
      'a banana',
      banana,
      0.5,
      (z: Float64Array) => Float64Array.of(z[0]!, z[0]! ** 2 + z[1]!),
      [
        [(q: Float64Array) => q[0]!, 0, 1],
        [(q: Float64Array) => q[1]!, 1, 3],
        [(q: Float64Array) => q[0]! ** 2, 1, 2],
        [(q: Float64Array) => (q[1]! - q[0]! ** 2) ** 2, 1, 2],
      ],
    ],
  ] as const) {
    it(`leaves ${name} as it is: moments of 20,000 independent iterations to 4 standard errors`, () => {
      const count = 20_000;
      const ends = Array.from({ length: count }, (_, i) => {
        const z = normals(foldIn(keyOf(3), i), 2);
        return iterate(density, draw(z), stepSize, i).to.q;
      });
      for (const [f, mean, variance] of moments) {
        const got = ends.reduce((sum, q) => sum + f(q), 0) / count;
        const error = Math.sqrt(variance / count);
        assert.ok(Math.abs(got - mean) < 4 * error, `${String(f)}: ${got}, want ${mean} ± ${error}`);
      }
    });
  }

  it('ends where the trajectory turns back: after a quarter to a whole turn of a round density, on average', () => {
    const [stepSize, count] = [0.05, 200];
    let length = 0;
    for (let i = 0; i < count; i++) {
      const q = normals(foldIn(keyOf(4), i), 2);
      const { steps, depth, divergent, acceptance } = iterate(round, q, stepSize, i);
      assert.ok(!divergent && acceptance > 0.99);
      assert.ok(steps >= 2 ** depth - 1 && steps <= 2 ** (depth + 1) - 1, `${steps} steps, depth ${depth}`);
      length += (steps * stepSize) / count;
    }
    assert.ok(length > Math.PI / 2 && length < 2 * Math.PI, `${length}`);
  });

  it('grows no deeper than it may', () => {
    const { steps, depth } = iterate(round, Float64Array.of(1, 1), 1e-3, 1, 5);
    assert.deepEqual([steps, depth], [31, 5]);
  });

  it('stays where it is if the first step goes astray', () => {
    const { to, start, divergent, acceptance, steps, depth } = iterate(round, Float64Array.of(1, 1), 100, 1);
    assert.deepEqual([divergent, acceptance, steps, depth], [true, 0, 1, 0]);
    assert.equal(to, start);
    assert.ok(Number.isFinite(energy(to, ones(2))));
  });
});
