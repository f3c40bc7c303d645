import assert from 'node:assert/strict';
import * as metrics from '../../lib/metrics';
import { ndarray } from '../../lib/ndarray';
import { keyOf, normals } from '../../lib/threefry';
import { assertClose, flat, golden, type GoldenRecord } from '../golden';
import { refuses } from '../refuses';

/** n draws of x' = phi x + noise, whose effective sample size is n (1 - phi) / (1 + phi). */
function autoregressive(seed: number, n: number, phi: number): Float64Array {
  const noise = normals(keyOf(seed), n);
  const scale = Math.sqrt(1 - phi * phi); // so that the variance is 1
  for (let i = 1; i < n; i++) noise[i] = phi * noise[i - 1]! + scale * noise[i]!;
  return noise;
}

describe('metrics: chains', () => {
  for (const file of ['inference', 'diagnostics']) {
    const cases = golden<{ chains: number[][] }, GoldenRecord>(file, 'mcmc_diagnostics');
    for (const { name, inputs, expected, tolerance } of cases) {
      it(`${file}.json ${name}`, () => {
        const [draws, options] = [flat(inputs.chains), { chains: inputs.chains.length }];
        const got = {
          rhat_rank: metrics.rhat(draws, options),
          rhat_split: metrics.rhat(draws, { ...options, method: 'split' }),
          ess_bulk: metrics.ess(draws, options),
          ess_tail: metrics.ess(draws, { ...options, kind: 'tail' }),
          ess_mean: metrics.ess(draws, { ...options, kind: 'mean' }),
          mcse_mean: metrics.mcse(draws, options),
        };
        for (const key of Object.keys(expected)) assert.ok(key in got, `no function for ${key}`);
        assertClose(got, expected, tolerance);
      });
    }
  }

  it('know how much correlated draws are worth', () => {
    const n = 4 * 4000;
    for (const phi of [0, 0.5, 0.9]) {
      const draws = autoregressive(7, n, phi);
      const want = (n * (1 - phi)) / (1 + phi);
      const got = metrics.ess(draws, { chains: 4, kind: 'mean' });
      assert.ok(Math.abs(got / want - 1) < 0.15, `phi ${phi}: ${got} instead of ${want}`);
    }
  });

  it('give the standard error that means of chains really have', () => {
    const runs = Array.from({ length: 200 }, (_, seed) => autoregressive(seed, 400, 0.6));
    const { mean } = metrics.moments(Float64Array.from(runs.flatMap((run) => [...run])), {
      samples: 200 * 400,
    });
    const spread = Math.sqrt(
      runs.reduce((sum, run) => sum + (run.reduce((a, b) => a + b) / 400 - mean[0]!) ** 2, 0) / 199,
    );
    const told = runs.reduce((sum, run) => sum + metrics.mcse(run, { chains: 1 }), 0) / 200;
    assert.ok(Math.abs(told / spread - 1) < 0.12, `${told} instead of ${spread}`); // 5 % is the spread's own error
  });

  it('read the layout from the shape', () => {
    const draws = ndarray(Float32Array.from(normals(keyOf(1), 40)), [4, 10]);
    assert.equal(metrics.rhat(draws), metrics.rhat([...draws], { chains: 4 }));
    assert.notEqual(metrics.rhat(draws), metrics.rhat([...draws], { chains: 2 }));
  });

  it('refuse what is no list of chains', () => {
    const draws = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const metric of [metrics.rhat, metrics.ess, metrics.mcse]) {
      refuses(() => metric(draws), 'E_SHAPE', /draws must be \[chains, draws\].*got 8 values/);
      refuses(() => metric(draws, { chains: 3 }), 'E_SHAPE', /\[chains, draws\]/);
      refuses(() => metric(draws, { chains: 4 }), 'E_DATA', /each chain has 2 draws, at least 4/);
      refuses(() => metric([1, 2, 3, NaN], { chains: 1 }), 'E_DATA', /draws\[3\] is NaN/);
      refuses(() => metric(draws, { chain: 2 } as never), 'E_OPTION', /Did you mean 'chains'/);
    }
    refuses(() => metrics.rhat(draws, { chains: 1, method: 'fold' as never }), 'E_OPTION', /'method'/);
    refuses(() => metrics.ess(draws, { chains: 1, kind: 'median' as never }), 'E_OPTION', /'kind'/);
  });
});
