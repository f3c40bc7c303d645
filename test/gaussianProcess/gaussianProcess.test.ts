import assert from 'node:assert/strict';
import {
  expectedImprovement,
  probabilityOfImprovement,
  upperConfidenceBound,
} from '../../lib/gaussianProcess/acquisition';
import { gaussianProcess, type GaussianProcessOptions } from '../../lib/gaussianProcess/gaussianProcess';
import { ndarray } from '../../lib/ndarray';
import { assertClose, golden } from '../golden';
import { refuses } from '../refuses';

interface Inputs {
  X: number[][];
  y: number[];
  X_new: number[][];
  kernel: 'rbf' | 'matern32' | 'matern52';
  variance: number;
  lengthscale: number[];
  noise_variance: number;
  xi: number;
  kappa: number;
}

/** Without what is on the way to them: the Cholesky factor, K^-1 y, the covariance of all places. */
interface Expected {
  mean: number[];
  std: number[];
  log_marginal_likelihood: number;
  ei_maximise: number[];
  ei_minimise: number[];
  pi_minimise: number[];
  ucb: number[];
  lcb: number[];
}

describe('gaussianProcess', () => {
  for (const { name, inputs, expected, tolerance } of golden<Inputs, Expected>(
    'inference',
    'gaussian_process',
  )) {
    const { X, y, X_new, kernel, lengthscale, xi: margin, kappa } = inputs;
    const given: GaussianProcessOptions = {
      kernel,
      lengthScale: lengthscale,
      std: Math.sqrt(inputs.variance),
      noise: Math.sqrt(inputs.noise_variance),
    };
    const process = gaussianProcess(X, y, given);
    const { mean, std } = process.predict(X_new);

    it(`inference.json ${name}: mean, standard deviation, evidence`, () => {
      assertClose(mean, expected.mean, tolerance, 'mean');
      assertClose(std, expected.std, tolerance, 'std');
      assertClose(process.logEvidence, expected.log_marginal_likelihood, tolerance, 'evidence');
    });

    it(`inference.json ${name}: where to look next`, () => {
      const up = { best: Math.max(...y), margin };
      const down = { best: Math.min(...y), margin, goal: 'minimise' } as const;
      const got = {
        ei_maximise: expectedImprovement(mean, std, up),
        ei_minimise: expectedImprovement(mean, std, down),
        pi_minimise: probabilityOfImprovement(mean, std, down),
        ucb: upperConfidenceBound(mean, std, kappa),
        lcb: upperConfidenceBound(mean, std, -kappa),
      };
      const { ei_maximise, ei_minimise, pi_minimise, ucb, lcb } = expected;
      assertClose(got, { ei_maximise, ei_minimise, pi_minimise, ucb, lcb }, tolerance);
    });
  }

  it('takes inputs of one feature as they come, and one length scale for all features', () => {
    const y = [0.3, -0.1, 0.8];
    const want = gaussianProcess([[0], [1], [2.5]], y).predict([[0.5]]);
    const got = gaussianProcess(Float32Array.of(0, 1, 2.5), y).predict([0.5]);
    assert.deepEqual(got, want);
    const x = ndarray(Float32Array.of(0, 1, 1, 0, 0.5, 2), [3, 2]);
    const one = gaussianProcess(x, y, { lengthScale: 0.7 });
    const each = gaussianProcess(x, y, { lengthScale: [0.7, 0.7] });
    assert.equal(one.logEvidence, each.logEvidence);
  });

  it('knows the function where it was seen without noise, and nothing far away', () => {
    const process = gaussianProcess([0, 1], [0.5, -2], { noise: 0, std: 3 });
    const { mean, std } = process.predict([0, 1, 100]);
    assertClose(mean, [0.5, -2, 0], 1e-12);
    assertClose(std, [0, 0, 3], 1e-7);
  });

  it('says what is wrong', () => {
    const says = (call: () => unknown, code: 'E_OPTION' | 'E_SHAPE' | 'E_DATA', what: RegExp): void =>
      refuses(call, code, what);
    const y = [1, 2];
    says(() => gaussianProcess([0, 1], y, { kernel: 'matern' as never }), 'E_OPTION', /option 'kernel'/);
    says(() => gaussianProcess([0, 1], y, { lengthScale: 0 }), 'E_OPTION', /'lengthScale' must be a number/);
    says(() => gaussianProcess([0, 1], y, { lengthScale: [1, -1] }), 'E_OPTION', /must be a number above 0/);
    says(() => gaussianProcess([0, 1], y, { lengthscale: 1 } as never), 'E_OPTION', /mean 'lengthScale'/);
    says(
      () => gaussianProcess([0, 1], y, { lengthScale: [1, 2] }),
      'E_SHAPE',
      /has 2 numbers, but x has 1 features/,
    );
    says(() => gaussianProcess([0, 1, 2], y), 'E_SHAPE', /x has 3 rows, but y has 2/);
    says(() => gaussianProcess([0, NaN], y), 'E_DATA', /x\[1\] is NaN/);
    says(() => gaussianProcess([], []), 'E_SHAPE', /x is empty/);
    says(() => gaussianProcess([1, 1], y, { noise: 0 }), 'E_OPTION', /raise option 'noise'/);
    says(() => gaussianProcess([0, 1], y).predict([[1, 2]]), 'E_SHAPE', /x has 2 features, it learned of 1/);
  });
});

describe('acquisition', () => {
  interface Improvement {
    mean: number[];
    std: number[];
    best: number;
    xi: number;
  }
  for (const { name, inputs, expected, tolerance } of golden<Improvement, { ei_minimise: number[] }>(
    'inference',
    'expected_improvement',
  )) {
    it(`inference.json ${name}`, () => {
      const { mean, std, best, xi: margin } = inputs;
      const got = expectedImprovement(mean, std, { best, margin, goal: 'minimise' });
      assertClose(got, expected.ei_minimise, tolerance);
    });
  }

  it('is sure of what is sure', () => {
    assert.deepEqual(expectedImprovement([1, 2, 3], [0, 0, 0], { best: 2 }), Float64Array.of(0, 0, 1));
    assert.deepEqual(probabilityOfImprovement([1, 2, 3], [0, 0, 0], { best: 2 }), Float64Array.of(0, 0, 1));
    assert.deepEqual(probabilityOfImprovement([2], [0.5], { best: 2 }), Float64Array.of(0.5));
  });

  it('says what is wrong', () => {
    refuses(
      () => expectedImprovement([1], [1], {} as never),
      'E_OPTION',
      /expectedImprovement: option 'best'/,
    );
    refuses(
      () => expectedImprovement([1], [1, 2], { best: 0 }),
      'E_SHAPE',
      /mean has 1 values, but std has 2/,
    );
    refuses(() => upperConfidenceBound([1], [-1]), 'E_DATA', /std\[0\] is -1, it must be at least 0/);
  });
});
