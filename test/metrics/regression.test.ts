import assert from 'node:assert/strict';
import * as metrics from '../../lib/metrics';
import { keyOf, normals } from '../../lib/threefry';
import { assertClose, golden, type GoldenRecord } from '../golden';

interface Gaussian {
  mean: number[];
  std: number[];
  y: number[];
}

/** numpy.linspace(0.01, 0.99, 99), the levels over which uncertainty_toolbox averages its scores. */
const LEVELS = Array.from({ length: 99 }, (_, i) => 0.01 + (i * 0.98) / 98);

describe('metrics: regression', () => {
  for (const { name, inputs, expected, tolerance } of golden<Gaussian>('metrics', 'regression_gaussian')) {
    it(`metrics.json ${name}`, () => {
      const { mean, std, y } = inputs;
      const pit = metrics.pit(mean, std, y);
      const mirrored = pit.map((each) => 1 - each); // uncertainty_toolbox counts mean - y, not y - mean
      const quantile = (level: number) => mean.map((m, i) => m + std[i]! * metrics.normalQuantile(level));
      const interval = (coverage: number) => {
        const [lower, upper] = [quantile((1 - coverage) / 2), quantile((1 + coverage) / 2)];
        const alpha = 1 - coverage;
        return {
          lower,
          upper,
          picp: metrics.picp(lower, upper, y),
          mpiw: metrics.mpiw(lower, upper),
          interval_score: metrics.intervalScore(lower, upper, y, { alpha }),
        };
      };
      const average = (score: (level: number) => number) =>
        LEVELS.reduce((sum, level) => sum + score(level) / LEVELS.length, 0);
      const curves = {
        interval: metrics.calibrationCurve(pit),
        quantile: metrics.calibrationCurve(mirrored, { kind: 'quantile' }),
      };
      const compute: Record<string, () => unknown> = {
        nll: () => metrics.gaussianNll(mean, std, y),
        rmse: () => metrics.rmse(mean, y),
        mae: () => metrics.mae(mean, y),
        crps_gaussian: () => metrics.crpsGaussian(mean, std, y, { reduction: 'none' }),
        crps_gaussian_mean: () => metrics.crpsGaussian(mean, std, y),
        pit: () => pit,
        pit_histogram_5: () => metrics.pitHistogram(pit, { bins: 5 }),
        check_score_uct: () => average((tau) => metrics.pinball(quantile(tau), y, { tau })),
        interval_score_uct: () => average((coverage) => interval(coverage).interval_score),
        sharpness: () => metrics.sharpness(std),
        calibration_curve_interval_11: () => metrics.calibrationCurve(pit, { points: 11 }),
        calibration_curve_usual_11: () => metrics.calibrationCurve(pit, { points: 11, kind: 'quantile' }),
        calibration_curve_quantile_11: () =>
          metrics.calibrationCurve(mirrored, { points: 11, kind: 'quantile' }),
        miscalibration_area_interval_100: () => metrics.miscalibrationArea(curves.interval),
        mace_interval_100: () => metrics.mace(curves.interval),
        rmsce_interval_100: () => metrics.rmsce(curves.interval),
        miscalibration_area_quantile_100: () => metrics.miscalibrationArea(curves.quantile),
        mace_quantile_100: () => metrics.mace(curves.quantile),
        rmsce_quantile_100: () => metrics.rmsce(curves.quantile),
        ence_equal_width_5: () => metrics.ence(mean, std, y, { bins: 5, binning: 'width' }),
        ence_equal_mass_4: () => metrics.ence(mean, std, y, { bins: 4 }),
      };
      for (const [key, want] of Object.entries(expected)) {
        if (key === 'pinball') {
          for (const [tau, loss] of Object.entries(want as GoldenRecord)) {
            const got = metrics.pinball(quantile(Number(tau)), y, { tau: Number(tau) });
            assertClose(got, loss, tolerance, `pinball ${tau}`);
          }
        } else if (key === 'interval') {
          for (const [coverage, figures] of Object.entries(want as GoldenRecord)) {
            assertClose(interval(Number(coverage)), figures, tolerance, `interval ${coverage}`);
          }
        } else {
          assert.ok(compute[key], `no function for ${key}`);
          assertClose(compute[key](), want, tolerance, key);
        }
      }
    });
  }

  interface Ensemble {
    ensemble: number[][];
    y: number[];
  }
  for (const { name, inputs, expected, tolerance } of golden<Ensemble>('metrics', 'crps_ensemble')) {
    it(`metrics.json ${name}`, () => {
      const { ensemble, y } = inputs;
      // the file has the members last, [N, S]
      const samples = ensemble[0]!.flatMap((_, s) => ensemble.map((row) => row[s]!));
      const { quantiles_linear: levels, ...scores } = expected as { quantiles_linear: GoldenRecord };
      const got = {
        crps: metrics.crpsEnsemble(samples, y, { reduction: 'none' }),
        crps_mean: metrics.crpsEnsemble(samples, y),
        crps_fair: metrics.crpsEnsemble(samples, y, { fair: true, reduction: 'none' }),
        crps_fair_mean: metrics.crpsEnsemble(samples, y, { fair: true }),
        pit_le: metrics.pitEnsemble(samples, y, { ties: 'full' }),
        pit_mid: metrics.pitEnsemble(samples, y),
        rank: metrics.ranks(samples, y),
      };
      assertClose(got, scores, tolerance);
      const names = Object.keys(levels);
      const rows = metrics.quantiles(samples, names.map(Number), { samples: ensemble[0]!.length });
      names.forEach((level, q) => assertClose(rows[q], levels[level]!, tolerance, `quantile ${level}`));
    });
  }

  interface Pinball {
    y: number[];
    q: number[];
    taus: number[];
  }
  for (const { name, inputs, expected, tolerance } of golden<Pinball>('metrics', 'pinball')) {
    it(`metrics.json ${name}`, () => {
      const losses = inputs.taus.map((tau) => metrics.pinball(inputs.q, inputs.y, { tau }));
      assertClose({ loss_per_tau: losses }, expected, tolerance);
    });
  }

  interface Interval {
    lower: number[];
    upper: number[];
    y: number[];
    alpha: number;
  }
  for (const { name, inputs, expected, tolerance } of golden<Interval>('metrics', 'interval')) {
    it(`metrics.json ${name}`, () => {
      const { lower, upper, y, alpha } = inputs;
      const got = {
        picp: metrics.picp(lower, upper, y),
        mpiw: metrics.mpiw(lower, upper),
        interval_score_per: metrics.intervalScore(lower, upper, y, { alpha, reduction: 'none' }),
        interval_score: metrics.intervalScore(lower, upper, y, { alpha }),
      };
      assertClose(got, expected, tolerance);
    });
  }

  const draws = normals(keyOf(3), 3000);
  const mean = draws.slice(0, 1000).map((z) => 2 * z);
  const std = draws.slice(1000, 2000).map((z) => 0.2 + z * z);
  const y = draws.slice(2000).map((z, i) => mean[i]! + std[i]! * z);

  it('CRPS of a sure prediction is its absolute error', () => {
    const samples = Float64Array.of(...mean, ...mean, ...mean);
    assertClose(metrics.crpsEnsemble(samples, y), metrics.mae(mean, y), 1e-12);
    assertClose(
      metrics.crpsGaussian(
        mean,
        std.map(() => 1e-9),
        y,
      ),
      metrics.mae(mean, y),
      1e-8,
    );
  });

  it('CRPS of many draws nears the closed form, the fair one already for few', () => {
    const noise = normals(keyOf(4), 16 * 1000);
    const samples = noise.map((z, j) => mean[j % 1000]! + std[j % 1000]! * z);
    const exact = metrics.crpsGaussian(mean, std, y);
    // spread of the mean score over 1000 data with 16 draws each is about 0.005
    assert.ok(Math.abs(metrics.crpsEnsemble(samples, y, { fair: true }) - exact) < 0.02);
    assert.ok(metrics.crpsEnsemble(samples, y) > exact);
  });

  it('calls predictions from the true distribution calibrated, and others not', () => {
    const area = (scale: number) => {
      const pit = metrics.pit(
        mean,
        std.map((each) => each * scale),
        y,
      );
      return metrics.miscalibrationArea(metrics.calibrationCurve(pit));
    };
    // the area is below the largest deviation, which exceeds 1.36 / sqrt(1000) in one of 20 seeds (Kolmogorov)
    assert.ok(area(1) < 0.043, `${area(1)}`);
    assert.ok(area(0.3) > 0.2 && area(3) > 0.2);
    assert.ok(metrics.ence(mean, std, y) < 0.15);
    const counts = metrics.pitHistogram(metrics.pit(mean, std, y));
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      1000,
    );
  });

  it('does not depend on the order of the data', () => {
    const reversed = (values: Float64Array) => values.slice().reverse();
    for (const metric of [metrics.crpsGaussian, metrics.gaussianNll, metrics.ence]) {
      assertClose(metric(reversed(mean), reversed(std), reversed(y)), metric(mean, std, y), 1e-12);
    }
  });
});
