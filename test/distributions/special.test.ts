import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs';
import { likelihoods } from '../../lib/distributions';
import { logScaledE1 } from '../../lib/distributions/horseshoe';
import {
  digamma,
  incompleteBeta,
  incompleteGamma,
  logGamma,
} from '../../lib/distributions/numbers/gammaFunctions';
import { studentTCdf } from '../../lib/distributions/numbers/studentT';
import { logFactorial } from '../../lib/distributions/poisson';
import { tensorflow } from '../../lib/engine/tfjs/tensorflow';
import { normalCdf, normalQuantile } from '../../lib/metrics/normal';
import { assertClose, golden } from '../golden';

describe('distributions: special functions', () => {
  before(() => {
    tensorflow();
  });

  interface Special {
    x: number[];
    p: number[];
    u: number[];
    z: number[];
  }
  for (const { name, inputs, expected, tolerance, tolerance_f32 } of golden<Special>(
    'distributions',
    'special_functions',
  )) {
    const { x, p, u, z } = inputs;
    it(`distributions.json ${name}: in double precision`, () => {
      const [twoPhi, half] = [
        (t: number) => 2 * normalCdf(t * Math.SQRT2),
        (q: number) => normalQuantile(q / 2),
      ];
      assertClose(z.map(logGamma), expected['lgamma']!, tolerance, 'lgamma');
      assertClose(z.map(digamma), expected['digamma']!, tolerance, 'digamma');
      assertClose(x.map(normalCdf), expected['normal_cdf']!, tolerance, 'normal_cdf');
      assertClose(p.map(normalQuantile), expected['normal_quantile']!, tolerance, 'normal_quantile');
      assertClose(x.map((t) => twoPhi(t) - 1), expected['erf']!, tolerance, 'erf'); // prettier-ignore
      assertClose(x.map((t) => twoPhi(-t)), expected['erfc']!, tolerance, 'erfc'); // prettier-ignore
      assertClose(u.map((t) => half(1 + t) / Math.SQRT2), expected['erfinv']!, tolerance, 'erfinv'); // prettier-ignore
    });
    it(`distributions.json ${name}: those of tensors, that layers and priors use`, () => {
      for (const [key, fn] of [
        ['erf', tf.erf],
        ['softplus', tf.softplus],
        ['sigmoid', tf.sigmoid],
      ] as const)
        // prettier-ignore
        assertClose(fn(tf.tensor1d(x)).dataSync(), expected[key]!, tolerance_f32, key);
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

  it('incomplete gamma and beta functions: closed forms, and the limits', () => {
    for (const x of [1e-3, 0.5, 1.9, 2.1, 7, 40]) {
      assertClose(incompleteGamma(1, x), 1 - Math.exp(-x), 1e-13, `exponential at ${x}`);
      assertClose(incompleteGamma(3, x), 1 - Math.exp(-x) * (1 + x + x ** 2 / 2), 1e-13, `Erlang at ${x}`);
      assertClose(incompleteGamma(0.5, x), 2 * normalCdf(Math.sqrt(2 * x)) - 1, 1e-13, `chi square at ${x}`);
    }
    assertClose(incompleteGamma(2000, 2000), 0.5029735484442, 1e-12);
    assert.deepEqual([0, -1, Infinity].map((x) => incompleteGamma(2, x)), [0, 0, 1]); // prettier-ignore
    for (const x of [0.01, 0.3, 0.7, 0.99]) {
      assertClose(incompleteBeta(x, 1, 3), 1 - (1 - x) ** 3, 1e-13, `at ${x}`);
      assertClose(
        incompleteBeta(x, 0.5, 0.5),
        (2 / Math.PI) * Math.asin(Math.sqrt(x)),
        1e-13,
        `arcsine at ${x}`,
      );
    }
  });

  it('exp(x) E1(x): of integrals by Simpson, to single precision, with its gradient', () => {
    const x = [1e-6, 1e-3, 0.2, 0.999, 1.001, 3, 30, 1e4];
    // exp(x) E1(x) = integral over t > 0 of exp(-t) / (x + t), with t = exp(s)
    const integral = (x: number): number => {
      const [low, high, n] = [-50, 6, 20_000];
      const h = (high - low) / n;
      let sum = 0;
      for (let i = 0; i <= n; i++) {
        const t = Math.exp(low + i * h);
        sum += ((i === 0 || i === n ? 1 : i % 2 ? 4 : 2) * t * Math.exp(-t)) / (x + t);
      }
      return (sum * h) / 3;
    };
    const { value, grad } = tf.valueAndGrad(logScaledE1)(tf.tensor1d(x));
    assertClose(value.dataSync(), x.map((each) => Math.log(integral(each))), 2e-6); // prettier-ignore
    // d/dx log(exp(x) E1(x)) = 1 - 1 / (x exp(x) E1(x))
    x.forEach((each, i) => {
      const want = 1 - 1 / (each * integral(each));
      assert.ok(
        Math.abs(grad.dataSync()[i]! / want - 1) < 2e-3,
        `${each}: ${grad.dataSync()[i]} for ${want}`,
      );
    });
  });

  it('the t distribution is symmetric, and reaches 0 and 1', () => {
    for (const t of [0.1, 1, 30]) assertClose(studentTCdf(t, 5) + studentTCdf(-t, 5), 1, 1e-14);
    assert.deepEqual([studentTCdf(0, 3), studentTCdf(-Infinity, 3), studentTCdf(Infinity, 3)], [0.5, 0, 1]);
  });
});
