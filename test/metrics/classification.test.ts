import assert from 'node:assert/strict';
import * as metrics from '../../lib/metrics';
import { assertClose, flat, golden } from '../golden';

interface Inputs {
  probs: number[][];
  y: number[];
}

describe('metrics: classification', () => {
  for (const { name, inputs, expected, tolerance } of golden<Inputs>('metrics', 'classification')) {
    it(`metrics.json ${name}`, () => {
      const probs = flat(inputs.probs);
      const classes = inputs.probs[0]!.length;
      const compute: Record<string, (bins: number) => unknown> = {
        accuracy: () => metrics.accuracy(probs, inputs.y),
        nll: () => metrics.nll(probs, inputs.y),
        nll_clipped: () => metrics.nll(probs, inputs.y, { clip: Number.EPSILON }),
        brier: () => metrics.brier(probs, inputs.y),
        brier_mean_over_classes: () => metrics.brier(probs, inputs.y) / classes,
        ece: (bins) => metrics.ece(probs, inputs.y, { bins }),
        mce: (bins) => metrics.mce(probs, inputs.y, { bins }),
        ace_equal_width: (bins) => metrics.ace(probs, inputs.y, { bins, binning: 'width' }),
        ace_quantile_edges: (bins) => metrics.ace(probs, inputs.y, { bins }),
        ece_quantile_edges: (bins) => metrics.ece(probs, inputs.y, { bins, binning: 'quantile' }),
        ace_sorted_split: (bins) => metrics.ace(probs, inputs.y, { bins, binning: 'count' }),
        ece_sorted_split: (bins) => metrics.ece(probs, inputs.y, { bins, binning: 'count' }),
        classwise_ece: (bins) => metrics.classwiseEce(probs, inputs.y, { bins }).mean,
        classwise_ece_per_class: (bins) => metrics.classwiseEce(probs, inputs.y, { bins }).perClass,
        reliability: (bins) => {
          const diagram = metrics.reliabilityBins(probs, inputs.y, { bins });
          return {
            edges: [...diagram.map((bin) => bin.lower), diagram.at(-1)!.upper],
            count: diagram.map((bin) => bin.count),
            mean_confidence: diagram.map((bin) => bin.confidence),
            accuracy: diagram.map((bin) => bin.accuracy),
          };
        },
      };
      for (const [key, want] of Object.entries(expected)) {
        // torchmetrics puts a confidence of exactly 1 into a bin of its own: listed in the file for comparison
        if (key.endsWith('_torchmetrics')) continue;
        const bins = /_(\d+)(?=_per_class|$)/.exec(key);
        const quantity = bins ? key.replace(bins[0], '') : key;
        assert.ok(compute[quantity], `no function for ${key}`);
        assertClose(compute[quantity](Number(bins?.[1])), want, tolerance, key);
      }
    });
  }

  interface Ensemble {
    probs: number[][][];
    y: number[];
  }
  for (const { name, inputs, expected, tolerance } of golden<Ensemble>(
    'metrics',
    'ensemble_classification',
  )) {
    it(`metrics.json ${name}`, () => {
      const members = inputs.probs.map(flat);
      const { mean } = metrics.moments(flat(inputs.probs), { samples: members.length });
      const average = (score: (probs: Float64Array) => number) =>
        members.reduce((sum, member) => sum + score(member), 0) / members.length;
      const options = { samples: members.length, classes: inputs.probs[0]![0]!.length };
      const got = {
        nll_of_mean: metrics.nll(mean, inputs.y),
        mean_of_nll: average((probs) => metrics.nll(probs, inputs.y)),
        brier_of_mean: metrics.brier(mean, inputs.y),
        mean_of_brier: average((probs) => metrics.brier(probs, inputs.y)),
        accuracy_of_mean: metrics.accuracy(mean, inputs.y),
        disagreement: metrics.disagreement(flat(inputs.probs), options),
      };
      assertClose(got, expected, tolerance);
    });
  }

  // rows that differ in every way that matters: sure, unsure, right, wrong
  const probs = Float32Array.of(0.7, 0.2, 0.1, 0.3, 0.4, 0.3, 0.05, 0.05, 0.9, 0.6, 0.4, 0);
  const labels = Int32Array.of(0, 2, 2, 1);

  it('gives each datum its own score on request, which average to the metric', () => {
    for (const score of [metrics.nll, metrics.brier]) {
      const each = score(probs, labels, { reduction: 'none' });
      assert.equal(each.length, 4);
      assertClose(each.reduce((sum, one) => sum + one, 0) / 4, score(probs, labels), 1e-15);
    }
  });

  it('names the most probable class and its probability', () => {
    const { label, confidence } = metrics.predictions(probs, { classes: 3 });
    assert.deepEqual(label, Int32Array.of(0, 1, 2, 0));
    assertClose(confidence, [0.7, 0.4, 0.9, 0.6], 1e-7);
  });

  it('puts every datum into exactly one bin, whatever the bins', () => {
    for (const binning of ['width', 'quantile', 'count'] as const) {
      for (const bins of [1, 2, 3, 15, 100]) {
        const diagram = metrics.reliabilityBins(probs, labels, { bins, binning });
        const counted = diagram.reduce((sum, bin) => sum + bin.count, 0);
        assert.equal(counted, 4, `${bins} bins of ${binning}`);
        for (const bin of diagram) {
          assert.equal(bin.count === 0, bin.confidence === null && bin.accuracy === null);
          assert.ok(bin.confidence === null || (bin.confidence >= bin.lower && bin.confidence <= bin.upper));
        }
      }
    }
  });

  it('has one bin only: ECE, MCE and ACE are all |accuracy - confidence|', () => {
    const gap = Math.abs(metrics.accuracy(probs, labels) - (0.7 + 0.4 + 0.9 + 0.6) / 4);
    for (const metric of [metrics.ece, metrics.mce, metrics.ace]) {
      assertClose(metric(probs, labels, { bins: 1 }), gap, 1e-7);
    }
  });

  it('does not depend on the order of the data', () => {
    const order = [2, 0, 3, 1];
    const shuffled = Float32Array.from(order.flatMap((i) => [...probs.subarray(3 * i, 3 * i + 3)]));
    const permuted = order.map((i) => labels[i]!);
    const { accuracy, nll, brier, ece, mce, ace } = metrics;
    for (const metric of [
      accuracy,
      (p: Float32Array, y: ArrayLike<number>) => nll(p, y, { clip: 1e-9 }),
      brier,
      ece,
      mce,
      ace,
    ]) {
      assertClose(metric(shuffled, permuted), metric(probs, labels), 1e-14);
    }
  });
});
