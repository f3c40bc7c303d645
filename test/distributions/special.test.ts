import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { logFactorial, logGamma } from '../../lib/distributions/logGamma';
import { likelihoods } from '../../lib/distributions';
import { studentTCdf } from '../../lib/distributions/studentTCdf';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { assertClose, golden } from '../golden';

describe('distributions: special functions', () => {
  before(() => {
    tensorflow();
  });

  for (const { name, inputs, expected, tolerance } of golden<{ z: number[] }>(
    'distributions',
    'special_functions',
  )) {
    it(`distributions.json ${name}: lgamma`, () => {
      assertClose(inputs.z.map(logGamma), expected['lgamma']!, tolerance);
    });
  }

  it('log n! to single precision', () => {
    const counts = [0, 1, 2, 3, 7, 20, 100, 5000];
    const want = counts.map((n) => {
      let sum = 0;
      for (let k = 2; k <= n; k++) sum += Math.log(k);
      return sum;
    });
    assertClose(logFactorial(tf.tensor1d(counts)).dataSync(), want, 1e-6);
  });

  interface Inputs {
    x: number[];
    p: number[];
    df: number;
    loc: number;
    scale: number;
  }
  for (const { name, inputs, expected, tolerance } of golden<Inputs>(
    'distributions',
    'student_t_cdf_quantile_entropy',
  )) {
    const { x, p, df, loc, scale } = inputs;
    it(`distributions.json ${name}: cdf`, () => {
      assertClose(
        x.map((each) => studentTCdf((each - loc) / scale, df)),
        expected['cdf']!,
        tolerance,
      );
    });
    if (df > 2) {
      it(`distributions.json ${name}: quantile of one sample`, () => {
        const { quantile } = likelihoods.studentT({ df });
        const variance = (scale ** 2 * df) / (df - 2);
        assertClose(
          p.map((level) => quantile!(level, Float64Array.of(loc), Float64Array.of(variance))),
          expected['quantile']!,
          tolerance,
        );
      });
    }
  }

  it('the t distribution is symmetric, and reaches 0 and 1', () => {
    for (const t of [0.1, 1, 30]) assertClose(studentTCdf(t, 5) + studentTCdf(-t, 5), 1, 1e-14);
    assert.deepEqual([studentTCdf(0, 3), studentTCdf(-Infinity, 3), studentTCdf(Infinity, 3)], [0.5, 0, 1]);
  });
});
