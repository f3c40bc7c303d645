import assert from 'node:assert/strict';
import type { CredenceErrorCode } from '../../lib/errors';
import * as metrics from '../../lib/metrics';
import { ndarray } from '../../lib/ndarray';
import { refuses } from '../refuses';

/** One call, the code it fails with, and what its message must say. */
type Refusal = readonly [call: () => unknown, code: CredenceErrorCode, says: RegExp];

function refusesAll(what: string, refusals: readonly Refusal[]): void {
  it(`refuses ${what}`, () => {
    for (const refusal of refusals) refuses(...refusal);
  });
}

describe('metrics: bad input', () => {
  const probs = [0.8, 0.2, 0.4, 0.6];
  const labels = [0, 1];
  const y = [1, 2, 3];
  const std = [1, 1, 1];

  const ofClasses = [
    metrics.accuracy,
    metrics.nll,
    metrics.brier,
    metrics.ece,
    metrics.mce,
    metrics.ace,
    metrics.classwiseEce,
    metrics.reliabilityBins,
  ];
  for (const metric of ofClasses) {
    refusesAll(`what is no classification: ${metric.name}`, [
      [() => metric(probs, [0, 1, 1]), 'E_SHAPE', /probs must be \[N, C\] with N = 3 labels, got 4 values/],
      [() => metric([], []), 'E_SHAPE', /probs is empty/],
      [() => metric([NaN, 0.2, 0.4, 0.6], labels), 'E_DATA', /probs\[0\] is NaN/],
      [() => metric([1.2, -0.2, 0.4, 0.6], labels), 'E_DATA', /probs\[1\] is -0.2, .*never negative/],
      [() => metric([0.8, 0.2, 0.4, 0.4], labels), 'E_DATA', /row 1 of probs sums to 0.8.*softmax/],
      [() => metric(probs, [0, 2]), 'E_DATA', /labels\[1\] is 2, labels are whole numbers from 0 to 1/],
      [() => metric(probs, [-1, 1]), 'E_DATA', /labels\[0\] is -1/],
      [() => metric(probs, [0, 0.5]), 'E_DATA', /labels\[1\] is 0.5/],
      [
        () =>
          metric(
            [
              [0.8, 0.2],
              [0.4, 0.6],
            ] as never,
            labels,
          ),
        'E_SHAPE',
        /flat array.*probs\[0\] is \[0.8,0.2\]/,
      ],
      [() => metric(undefined as never, labels), 'E_SHAPE', /flat array of numbers, got undefined/],
      [() => metric(ndarray(Float32Array.from(probs), [1, 4]), labels), 'E_SHAPE', /got shape \[1, 4\]/],
    ]);
  }

  const calibration = [metrics.ece, metrics.mce, metrics.ace, metrics.classwiseEce, metrics.reliabilityBins];
  for (const metric of calibration) {
    refusesAll(`options of ${metric.name}`, [
      [
        () => metric(probs, labels, { bins: 0 }),
        'E_OPTION',
        new RegExp(`metrics.${metric.name}: .*'bins'.*got 0`),
      ],
      [() => metric(probs, labels, { bins: 2.5 }), 'E_OPTION', /'bins'.*got 2.5/],
      [() => metric(probs, labels, { binning: 'mass' as never }), 'E_OPTION', /'binning'.*got "mass"/],
      [
        () => metric(probs, labels, { bin: 3 } as never),
        'E_OPTION',
        /unknown option 'bin'. Did you mean 'bins'/,
      ],
    ]);
  }

  for (const metric of [metrics.gaussianNll, metrics.crpsGaussian, metrics.pit, metrics.ence]) {
    refusesAll(`what is no Gaussian: ${metric.name}`, [
      [() => metric([1, 2], std, y), 'E_SHAPE', /mean has 2 values, but std has 3/],
      [() => metric(y, std, [1, 2, Infinity]), 'E_DATA', /y\[2\] is Infinity/],
      [() => metric(y, [1, 0, 1], y), 'E_DATA', /std\[1\] is 0, it must be above 0/],
      [
        () =>
          metric(
            ndarray(new Float32Array(6), [2, 3]),
            new Float32Array(6),
            ndarray(new Float32Array(6), [3, 2]),
          ),
        'E_SHAPE',
        /mean has shape \[2, 3\], but y has \[3, 2\]/,
      ],
    ]);
  }

  it('takes [N, 1] and [N] for the same', () => {
    const column = ndarray(Float32Array.from(y), [3, 1]);
    assert.equal(metrics.rmse(column, ndarray(Float32Array.from(y), [3])), 0);
  });

  for (const metric of [metrics.crpsEnsemble, metrics.pitEnsemble, metrics.ranks]) {
    refusesAll(`what is no ensemble: ${metric.name}`, [
      [
        () => metric([1, 2, 3, 4], y),
        'E_SHAPE',
        /samples must be \[S, \.\.\.\] over y with 3 values, got 4 values/,
      ],
      [() => metric(ndarray(new Float32Array(6), [3, 2]), y), 'E_SHAPE', /got shape \[3, 2\]/],
      [() => metric([1, 2, NaN], y), 'E_DATA', /samples\[2\] is NaN/],
    ]);
  }

  refusesAll('stacks of unknown layout', [
    [() => metrics.entropySplit(probs), 'E_SHAPE', /probs must be \[S, N, C\]/],
    [() => metrics.entropySplit(probs, { samples: 3, classes: 2 }), 'E_SHAPE', /\[S, N, C\]/],
    [() => metrics.variationRatio(probs, { samples: 0, classes: 2 }), 'E_OPTION', /'samples'.*got 0/],
    [() => metrics.disagreement(y, { samples: 1, classes: 3 }), 'E_DATA', /row 0 of probs sums to 6.0/],
    [() => metrics.quantiles(y, [0.5]), 'E_SHAPE', /samples must be \[S, \.\.\.\].*S = unknown/],
    [() => metrics.quantiles(y, [0.5], { samples: 2 }), 'E_SHAPE', /3 values, S = 2/],
    [() => metrics.moments(y, { samples: 2 }), 'E_SHAPE', /samples must be \[S/],
    [() => metrics.predictions(probs), 'E_SHAPE', /probs must be \[N, C\]: pass an NdArray/],
    [() => metrics.entropy(probs, { classes: 3 }), 'E_SHAPE', /probs must be \[N, C\]/],
  ]);

  refusesAll('levels, shares and methods that do not exist', [
    [() => metrics.quantiles(y, [1.2], { samples: 3 }), 'E_OPTION', /quantiles levels.*\[0, 1\], got 1.2/],
    [() => metrics.quantiles(y, [], { samples: 3 }), 'E_OPTION', /at least one level/],
    [() => metrics.pinball(y, y, { tau: 2 }), 'E_OPTION', /'tau' must be in \[0, 1\], got 2/],
    [() => metrics.pinball(y, y, {} as never), 'E_OPTION', /'tau'.*is missing/],
    [() => metrics.intervalScore(y, y, y, { alpha: 1 }), 'E_OPTION', /'alpha' must be in \(0, 1\), got 1/],
    [
      () => metrics.nll(probs, labels, { reduction: 'sum' as never }),
      'E_OPTION',
      /'reduction' must be 'mean' or 'none'/,
    ],
    [() => metrics.aupr([1, 2], [0, 1], { method: 'step' as never }), 'E_OPTION', /'method'/],
    [() => metrics.calibrationCurve([0.5], { points: 1 }), 'E_OPTION', /'points'.*got 1/],
  ]);

  refusesAll('numbers that cannot be', [
    [() => metrics.picp([1, 5], [2, 4], [1, 1]), 'E_DATA', /lower\[1\] = 5 is above upper\[1\] = 4/],
    [() => metrics.pitHistogram([0.5, 1.5]), 'E_DATA', /pit\[1\] is 1.5, not in \[0, 1\]/],
    [() => metrics.auroc([1, 2], [0, 2]), 'E_DATA', /labels\[1\] is 2/],
    [() => metrics.aurc([1, 2], [0, -1]), 'E_DATA', /error\[1\] is -1/],
    [() => metrics.ause([1, 2, 3], [0, 1]), 'E_SHAPE', /uncertainty has 3 values, but error has 2/],
    [() => metrics.varianceSplit([1, 2], [1, -1], { samples: 2 }), 'E_DATA', /variances\[1\] is -1/],
    [() => metrics.mixtureNll([1, 2], [1, 0], [1]), 'E_DATA', /variances\[1\] is 0/],
    [
      () =>
        metrics.mergeMoments(
          metrics.moments([1, 2], { samples: 2 }),
          metrics.moments([1, 2], { samples: 1 }),
        ),
      'E_SHAPE',
      /one has 1 values, the other 2/,
    ],
  ]);
});
