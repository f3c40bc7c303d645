import assert from 'node:assert/strict';
import type { CredenceError } from '../../lib/errors';
import * as metrics from '../../lib/metrics';
import { keyOf, uniforms } from '../../lib/threefry';
import { assertClose, golden } from '../golden';

describe('metrics: out-of-distribution detection', () => {
  interface Inputs {
    score: number[];
    is_ood: number[];
  }
  for (const { name, inputs, expected, tolerance } of golden<Inputs>('metrics', 'ood_detection')) {
    it(`metrics.json ${name}`, () => {
      const { score, is_ood: ood } = inputs;
      const known = ood.map((each) => 1 - each);
      const negated = score.map((each) => -each);
      const got = {
        auroc: metrics.auroc(score, ood),
        aupr_average_precision: metrics.aupr(score, ood),
        aupr_in_average_precision: metrics.aupr(negated, known),
        aupr_trapezoid: metrics.aupr(score, ood, { method: 'trapezoid' }),
        fpr95: metrics.fprAtTpr(score, ood),
        fpr80: metrics.fprAtTpr(score, ood, { tpr: 0.8 }),
      };
      assertClose(got, expected, tolerance);
    });
  }

  it('needs both kinds of data', () => {
    for (const labels of [
      [1, 1],
      [0, 0],
    ]) {
      assert.throws(
        () => metrics.auroc([0.1, 0.2], labels),
        (error: CredenceError) => error.code === 'E_DATA' && error.message.includes('both kinds'),
      );
    }
  });
});

describe('metrics: selective prediction', () => {
  interface Inputs {
    confidence: number[];
    error: number[];
  }
  for (const { name, inputs, expected, tolerance } of golden<Inputs>('metrics', 'selective_prediction')) {
    it(`metrics.json ${name}`, () => {
      const { confidence, error } = inputs;
      const uncertainty = confidence.map((each) => 1 - each);
      const { removed, curve, oracle } = metrics.sparsification(uncertainty, error);
      const got = {
        ...metrics.riskCoverage(confidence, error),
        aurc_mean: metrics.aurc(confidence, error),
        e_aurc: metrics.excessAurc(confidence, error),
        aurc_trapezoid_normalised: metrics.aurc(confidence, error, { method: 'trapezoid' }),
        sparsification: curve,
        oracle,
        fraction_removed: removed,
        ause: metrics.ause(uncertainty, error),
      };
      assertClose(got, expected, tolerance);
    });
  }

  it('has no excess where the confidence orders the errors perfectly', () => {
    const error = uniforms(keyOf(1), 50);
    assertClose(
      metrics.excessAurc(
        error.map((each) => -each),
        error,
      ),
      0,
      1e-15,
    );
    assertClose(metrics.ause(error, error), 0, 1e-15);
  });
});
