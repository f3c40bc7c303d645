import assert from 'node:assert/strict';
import { advanceChain, type ChainState, noteOf, notes } from '../../../lib/inference/chains/chain';
import { energy, leapfrog, type Phase, type Potential, walk } from '../../../lib/inference/chains/phase';
import { beginSearch, regularized, searchOn, warmupPart } from '../../../lib/inference/chains/warmup';
import { keyOf, normals } from '../../../lib/threefry';
import { assertClose, golden } from '../../golden';
import { assertMoments, banana, correlated, funnel, normalDensity, sampler } from './densities';

interface Inputs {
  mean: number[];
  cov: number[][];
  q0: number[];
  p0: number[];
  step_size: number;
  steps: number;
  mass: number[];
}
interface Expected {
  positions: number[][];
  momenta: number[][];
  hamiltonian: number[];
  energy_error: number;
  accept_probability: number;
}

/** The inverse of a matrix of one or two rows. */
function inverse(matrix: readonly number[][]): number[][] {
  const [[a, b], [c, d]] = matrix.length === 1 ? [[matrix[0]![0]!, 0], [0, 1]] : (matrix as [number[], number[]]); // prettier-ignore
  const det = a! * d! - b! * c!;
  const whole = [[d! / det, -b! / det], [-c! / det, a! / det]]; // prettier-ignore
  return whole.slice(0, matrix.length).map((row) => row.slice(0, matrix.length));
}

const startAt = (q: number[], p: number[], potential: Potential): Phase => ({
  q: Float64Array.from(q),
  p: Float64Array.from(p),
  at: potential(Float64Array.from(q)),
});

const ones = (dim: number): Float64Array => new Float64Array(dim).fill(1);

describe('inference: leapfrog', () => {
  for (const { name, inputs, expected, tolerance } of golden<Inputs, Expected>('inference', 'hmc_leapfrog')) {
    it(`inference.json ${name}`, () => {
      const { mean, cov, q0, p0, step_size, steps, mass } = inputs;
      const { potential } = normalDensity(mean, inverse(cov));
      const variances = Float64Array.from(mass, (each) => 1 / each);
      const start = startAt(q0, p0, potential);
      const path = [start, ...walk(start, steps, { potential }, step_size, variances)];
      assertClose(
        path.map(({ q }) => q),
        expected.positions,
        tolerance,
        'positions',
      );
      assertClose(
        path.map(({ p }) => p),
        expected.momenta,
        tolerance,
        'momenta',
      );
      const energies = path.map((phase) => energy(phase, variances));
      assertClose(energies, expected.hamiltonian, tolerance, 'energy');
      assertClose(energies.at(-1)! - energies[0]!, expected.energy_error, tolerance, 'energy error');
    });
  }

  it('keeps the energy to the second order of the step size', () => {
    const { potential } = banana;
    const worst = (stepSize: number): number => {
      const start = startAt([0.5, 1], [1, -0.5], potential);
      const path = walk(start, Math.round(2 / stepSize), { potential }, stepSize, ones(2));
      return Math.max(
        ...Array.from(path, (phase) => Math.abs(energy(phase, ones(2)) - energy(start, ones(2)))),
      );
    };
    for (const stepSize of [0.1, 0.05, 0.025]) {
      const ratio = worst(stepSize) / worst(stepSize / 2);
      assert.ok(ratio > 3.8 && ratio < 4.2, `${ratio} at ${stepSize}`);
    }
  });

  it('comes back the way it went', () => {
    const { potential } = funnel;
    const start = startAt([0.5, 1, -1, 0.3, 0.2], [...normals(keyOf(1), 5)], potential);
    const forth = [...walk(start, 50, { potential }, 0.1, ones(5))].at(-1)!;
    const back = [...walk(forth, 50, { potential }, -0.1, ones(5))].at(-1)!;
    assertClose(back.q, [...start.q], 1e-12);
    assertClose(back.p, [...start.p], 1e-12);
  });

  it('makes the same points several at once, and no more than are asked for', () => {
    const { potential } = banana;
    const start = startAt([0.5, 1], [1, -0.5], potential);
    let calls = 0;
    const leaps = {
      count: 4,
      make: (from: Phase, stepSize: number, variances: Float64Array): Phase[] => {
        calls++;
        const points = [leapfrog(from, stepSize, variances, potential)];
        while (points.length < 4) points.push(leapfrog(points.at(-1)!, stepSize, variances, potential));
        return points;
      },
    };
    const want = [...walk(start, 10, { potential }, 0.1, ones(2))];
    assert.deepEqual([...walk(start, 10, { potential, leaps }, 0.1, ones(2))], want);
    assert.equal(calls, 2); // and two alone
    assert.equal(want.length, 10);
  });
});

describe('inference: the warm-up of chains', () => {
  const closing = (warmup: number): number[] =>
    Array.from({ length: warmup }, (_, i) => i).filter((i) => warmupPart(i, warmup).closes);

  it('has the windows of Stan', () => {
    assert.deepEqual(closing(1000), [99, 149, 249, 449, 949]);
    assert.deepEqual(closing(500), [99, 149, 249, 449]);
    assert.deepEqual(closing(150), [99]);
    assert.deepEqual(closing(100), [89]);
    assert.deepEqual(closing(10), []);
    assert.deepEqual(warmupPart(74, 1000), { count: 75, seen: 0, closes: false });
    assert.deepEqual(warmupPart(75, 1000), { count: 76, seen: 1, closes: false });
    assert.deepEqual(warmupPart(99, 1000), { count: 100, seen: 25, closes: true });
    assert.deepEqual(warmupPart(100, 1000), { count: 1, seen: 1, closes: false });
    assert.deepEqual(warmupPart(999, 1000), { count: 50, seen: 0, closes: false });
  });

  it('finds the step size at which as many are accepted as wanted', () => {
    let search = beginSearch(3);
    const accepted = (logStep: number): number => Math.exp(-Math.exp(logStep));
    for (let count = 1; count <= 2000; count++) {
      search = searchOn(search, accepted(search.logStep), 0.8, count);
    }
    assert.ok(Math.abs(accepted(search.logStepMean) - 0.8) < 0.005, `${accepted(search.logStepMean)}`);
  });

  it('pulls the variance by few draws towards 1e-3', () => {
    assert.equal(regularized(36, 10), (10 / 15) * 4 + 1e-3 / 3);
  });

  it('adapts the mass matrix to the scales of a density', () => {
    const { dim, potential } = normalDensity([0, 0], [[1e4, 0], [0, 1e-4]]); // prettier-ignore
    const state = [0, 1, 2, 3].map(() => new Float32Array(dim + notes.length)) as unknown as ChainState;
    const settings = sampler({ warmup: 1000 });
    for (let iteration = 0; iteration < 1000; iteration++) {
      advanceChain(settings, state, { iteration, key: [iteration, 5] }, { potential });
    }
    const [small, large] = state[1];
    assert.ok(Math.abs(Math.log(small! / 1e-4)) < 0.5, `${small}`);
    assert.ok(Math.abs(Math.log(large! / 1e4)) < 0.5, `${large}`);
    assert.ok(noteOf(state[0], 'stepSize') > 0.3);
  });
});

describe('inference: Hamiltonian Monte Carlo finds known moments to 4 standard errors', () => {
  for (const [name, density] of [
    ['a normal density of correlation 0.9 and scales of 1 and 10', correlated],
    ['a banana', banana],
    ['a funnel', funnel],
  ] as const) {
    it(`of ${name}`, () => assertMoments(density, sampler({ kind: 'hmc', targetAccept: 0.95 })));
  }

  it('by a number of steps', () => assertMoments(correlated, sampler({ kind: 'hmc', steps: 9 })));

  it('by a step size', () =>
    assertMoments(correlated, sampler({ kind: 'hmc', stepSize: 0.3, pathLength: 6, warmup: 100 })));
});
