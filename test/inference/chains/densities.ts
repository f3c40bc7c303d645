/** Densities whose moments are known, and chains on them without a model. */
import {
  advanceChain,
  CHAIN_SLOTS,
  type ChainState,
  notes,
  type Sampler,
} from '../../../lib/inference/chains/chain';
import type { Potential } from '../../../lib/inference/chains/phase';
import assert from 'node:assert/strict';
import { mcse, rhat } from '../../../lib/metrics';
import { ndarray, type NdArray } from '../../../lib/ndarray';
import { foldIn, keyOf } from '../../../lib/threefry';

export interface Density {
  dim: number;
  potential: Potential;
  /** Functions of a draw whose means are known. */
  known: readonly (readonly [f: (q: ArrayLike<number>) => number, mean: number])[];
}

/** A normal density. @param precision the inverse of its covariance */
export function normalDensity(mean: readonly number[], precision: readonly (readonly number[])[]): Density {
  return {
    dim: mean.length,
    known: mean.map((value, i) => [(q) => q[i]!, value] as const),
    potential(q) {
      const gradient = precision.map((row) =>
        row.reduce((sum, value, j) => sum + value * (q[j]! - mean[j]!), 0),
      );
      const nll = gradient.reduce((sum, value, i) => sum + (value * (q[i]! - mean[i]!)) / 2, 0);
      return { nll, nlp: 0, gradient };
    },
  };
}

/** x0 ~ N(0, 1), x1 | x0 ~ N(x0^2, 1): means 0 and 1, variances 1 and 3. */
export const banana: Density = {
  dim: 2,
  known: [
    [(q) => q[0]!, 0],
    [(q) => q[1]!, 1],
    [(q) => q[0]! ** 2, 1],
    [(q) => (q[1]! - 1) ** 2, 3],
  ],
  potential([x, y]) {
    const off = y! - x! ** 2;
    return { nll: (x! ** 2 + off ** 2) / 2, nlp: 0, gradient: [x! - 2 * x! * off, off] };
  },
};

/** v ~ N(0, 1), and x_i | v ~ N(0, e^v) for 4 of them: a funnel that is wide at one end, with variance e^(1/2) of each x_i. */
export const funnel: Density = {
  dim: 5,
  known: [
    [(q) => q[0]!, 0],
    [(q) => q[0]! ** 2, 1],
    [(q) => q[1]!, 0],
    [(q) => q[2]! ** 2 * Math.exp(-q[0]!), 1],
  ],
  potential([v, ...x]) {
    const squares = x.reduce((sum, value) => sum + value ** 2, 0);
    const scale = Math.exp(-v!);
    return {
      nll: (v! ** 2 + scale * squares + x.length * v!) / 2,
      nlp: 0,
      gradient: [v! - (scale * squares - x.length) / 2, ...x.map((value) => value * scale)],
    };
  },
};

export const sampler = (given: Partial<Sampler> = {}): Sampler => ({
  kind: 'nuts',
  warmup: 500,
  targetAccept: 0.8,
  stepSize: undefined,
  steps: undefined,
  pathLength: Math.PI / 2,
  maxTreeDepth: 10,
  ...given,
});

/** Correlation 0.9 of the first two, scales 1 and 10. */
export const correlated: Density = {
  ...normalDensity(
    [1, -2, 0],
    [
      [1 / 0.19, -0.9 / 0.19, 0],
      [-0.9 / 0.19, 1 / 0.19, 0],
      [0, 0, 0.01],
    ],
  ),
  known: [
    [(q) => q[0]!, 1],
    [(q) => q[1]!, -2],
    [(q) => q[2]!, 0],
    [(q) => (q[0]! - 1) ** 2, 1],
    [(q) => (q[0]! - 1) * (q[1]! + 2), 0.9],
    [(q) => q[2]! ** 2, 100],
    [(q) => (q[0]! - 1) ** 4, 3],
  ],
};

const CHAINS = 4;
const DRAWS = 2000;

/** Asserts that chains find what is known of a density to 4 Monte Carlo standard errors, and agree. */
export function assertMoments({ dim, potential, known }: Density, settings: Sampler): void {
  const values = known.map((): NdArray => ndarray(new Float32Array(CHAINS * DRAWS), [CHAINS, DRAWS]));
  for (let chain = 0; chain < CHAINS; chain++) {
    const arrays = Array.from({ length: 1 + CHAIN_SLOTS }, () => new Float32Array(dim + notes.length));
    const state = arrays as unknown as ChainState;
    const q = state[0].subarray(0, dim);
    q.set(Array.from({ length: dim }, (_, i) => 2 * Math.cos(7 * chain + i)));
    for (let iteration = 0; iteration < settings.warmup + DRAWS; iteration++) {
      const key = foldIn(foldIn(keyOf(1), iteration), chain);
      advanceChain(settings, state, { iteration, key }, { potential });
      const draw = iteration - settings.warmup;
      if (draw >= 0) known.forEach(([f], i) => (values[i]![chain * DRAWS + draw] = f(q)));
    }
  }
  known.forEach(([f, want], i) => {
    const got = values[i]!.reduce((sum, value) => sum + value, 0) / (CHAINS * DRAWS);
    const error = mcse(values[i]!);
    assert.ok(Math.abs(got - want) < 4 * error, `${String(f)}: ${got}, want ${want} ± ${error}`);
    assert.ok(rhat(values[i]!) < 1.01, `${String(f)}: R-hat ${rhat(values[i]!)}`);
  });
}
