import assert from 'node:assert/strict';
import { conformal, type ConformalRegressorOptions } from '../../lib/conformal';
import { inputs, type Values } from '../../lib/data/dataset';
import { quantiles, regression } from '../../lib/inference/posterior/prediction';
import { ndarray, type NdArray } from '../../lib/ndarray';
import { foldIn, keyOf, normals, uniforms } from '../../lib/threefry';
import { refuses } from '../refuses';

const column = (values: ArrayLike<number>): NdArray => ndarray(Float32Array.from(values), [values.length, 1]);

/** A "posterior" of one draw that predicts N(x, (1 + |x|)^2): whether that is right is up to the data. */
const gaussian = {
  predict(x: Values) {
    const means = inputs(x);
    const shape = [1, ...means.shape];
    return regression(
      ndarray(means.slice(), shape),
      ndarray(means.map((each) => (1 + Math.abs(each)) ** 2), shape), // prettier-ignore
    );
  },
};

/** Predicts the quantiles x - 1, x, x + 1. */
const levels = {
  predict(x: Values) {
    const centers = inputs(x);
    const values = Float32Array.from(
      { length: 3 * centers.length },
      (_, i) => centers[Math.floor(i / 3)]! + (i % 3) - 1,
    );
    return quantiles(ndarray(values, [1, centers.length, 3]), [0.1, 0.5, 0.9]);
  },
};

/** n data whose noise is skewed, grows with x and is far larger than any of the two say. */
function skewed(seed: number, n: number): { x: NdArray; y: Float64Array } {
  const x = uniforms(foldIn(keyOf(seed), 0), n).map((u) => 4 * u - 2);
  const y = normals(foldIn(keyOf(seed), 1), n).map((z, i) => x[i]! + 3 * (x[i]! + 2) * z * z);
  return { x: column(x), y };
}

describe('conformal: regressions', () => {
  it('finds thresholds by hand', () => {
    // level 0.6 of 4 data: the third smallest score of four, ceil(5 * 0.6) = 3
    const data = { x: [0, 1, 3, 0], y: [1, -3, 4, 5] }; // errors 1, 4, 1, 5; standard deviations 1, 2, 4, 1
    const absolute = conformal(gaussian, data, { level: 0.6, score: 'absolute' });
    assert.deepEqual(absolute.thresholds, Float64Array.of(4));
    const { lower, upper, prediction } = absolute.predict([10, 20]);
    assert.deepEqual([[...lower], [...upper]], [[6, 16], [14, 24]]); // prettier-ignore
    assert.deepEqual(lower.shape, [2, 1]);
    assert.deepEqual(prediction.mean, column([10, 20]));

    const scaled = conformal(gaussian, data, { level: 0.6 }); // 1, 2, 0.25, 5
    assert.equal(scaled.score, 'scaled');
    assert.deepEqual(scaled.thresholds, Float64Array.of(2));
    assert.deepEqual([...scaled.predict([3]).upper], [3 + 2 * 4]);

    const quantile = conformal(levels, data, { level: 0.6 }); // outside by 0, 3, 0, 4
    assert.equal(quantile.score, 'quantile');
    assert.deepEqual(quantile.thresholds, Float64Array.of(3));
    assert.deepEqual([...quantile.predict([3]).lower], [3 - 1 - 3]);
  });

  it('narrows intervals that are too wide, to their middle at most', () => {
    const data = { x: [0, 0, 0, 0], y: [0.1, -0.1, 0.2, -0.2] };
    const { thresholds } = conformal(levels, data, { level: 0.8 });
    assert.ok(Math.abs(thresholds[0]! + 0.8) < 1e-6);
    const wide = conformal(
      gaussian,
      { x: [9, -9, 9, -9], y: [9, -9, 9, -9] },
      { level: 0.8, score: 'quantile' },
    );
    assert.ok(Math.abs(wide.thresholds[0]! + 10 * 1.281552) < 1e-4);
    const { lower, upper } = wide.predict([0, 19]);
    assert.ok(Math.abs(lower[0]!) < 1e-12 && Math.abs(upper[0]!) < 1e-12);
    assert.ok(Math.abs(upper[1]! - (19 + 10 * 1.281552)) < 1e-4);
  });

  /** n = 19 calibration data: exactly 18 / 20 for a level of 0.9, 16 / 20 = 0.8 for 0.79. */
  const cases: [ConformalRegressorOptions, number, typeof gaussian | typeof levels][] = [
    [{ score: 'absolute', level: 0.9 }, 0.9, gaussian],
    [{ score: 'scaled', level: 0.9 }, 0.9, gaussian],
    [{ score: 'quantile', level: 0.9 }, 0.9, gaussian],
    [{ score: 'quantile', level: 0.9 }, 0.9, levels],
    [{ score: 'absolute', level: 0.79 }, 0.8, gaussian],
    [{ score: 'absolute', level: 0.5 }, 0.5, gaussian],
  ];
  for (const [options, want, posterior] of cases) {
    it(`covers a new datum with probability k / (n + 1): ${JSON.stringify(options)}`, () => {
      const trials = 2000;
      let covered = 0;
      for (let trial = 0; trial < trials; trial++) {
        const { x, y } = skewed(trial, 20); // 19 and a new one
        const data = { x: x.subarray(0, 19), y: y.subarray(0, 19) };
        const predictor = posterior as typeof gaussian;
        const { coverage } = conformal(predictor, data, options).evaluate({
          x: x.subarray(19),
          y: y.subarray(19),
        });
        covered += coverage;
      }
      // four standard deviations of the binomial
      const bound = 4 * Math.sqrt((want * (1 - want)) / trials);
      assert.ok(
        Math.abs(covered / trials - want) < bound,
        `${covered / trials} of the intervals hold the truth`,
      );
    });
  }

  it('says how often and how widely it covers new data, where the posterior alone would cover far fewer', () => {
    const test = skewed(1, 1000);
    const honest = conformal(gaussian, skewed(2, 500), { level: 0.9 });
    const { coverage, width } = honest.evaluate(test);
    assert.ok(Math.abs(coverage - 0.9) < 0.05, `${coverage}`); // the spread is 0.013 for 500 data, and 0.009 for 1000
    const { lower, upper } = gaussian.predict(test.x).interval(0.9);
    const plain = test.y.filter((y, i) => lower[i]! <= y && y <= upper[i]!).length / 1000;
    assert.ok(plain < 0.75, `${plain}`);
    assert.ok(width > upper.reduce((sum, each, i) => sum + each - lower[i]!, 0) / 1000);
  });

  it('has a threshold for each of several targets', () => {
    const both = {
      predict: (x: Values) => {
        const { length } = inputs(x);
        return regression(ndarray(new Float32Array(2 * length), [1, length, 2]), ndarray(new Float32Array(2 * length).fill(1), [1, length, 2])); // prettier-ignore
      },
    };
    const y = ndarray(
      Float32Array.from({ length: 18 }, (_, i) => (i % 2 ? 10 : 1) * (i >> 1)),
      [9, 2],
    );
    const fitted = conformal(both, { x: new Float32Array(9), y });
    assert.deepEqual(fitted.thresholds, Float64Array.of(8, 80));
    assert.deepEqual([...fitted.predict([0]).upper], [8, 80]);
  });

  it('promises nothing with too few data, and says so', () => {
    const few = conformal(gaussian, skewed(1, 8));
    assert.deepEqual(few.thresholds, Float64Array.of(Infinity));
    assert.match(
      String(few),
      /calibration data: 8\)\n {2}too few for level 0.9, which needs at least 9: the intervals are infinite/,
    );
    assert.deepEqual([...few.predict([1]).lower, ...few.predict([1]).upper], [-Infinity, Infinity]);
    assert.deepEqual(few.evaluate(skewed(2, 5)), { coverage: 1, width: Infinity });
    const enough = conformal(gaussian, skewed(1, 9));
    assert.equal(String(enough), "ConformalRegressor (level 0.9, score 'scaled', calibration data: 9)");
    assert.ok(Number.isFinite(enough.thresholds[0]));
  });

  it('refuses what cannot be', () => {
    const data = skewed(1, 20);
    const sure = { predict: (x: Values) => regression(ndarray(inputs(x), [1, 20, 1]), ndarray(new Float32Array(20), [1, 20, 1])) }; // prettier-ignore
    refuses(() => conformal(sure, data), 'E_DATA', /total\[0\] is 0.*score: 'absolute'/);
    refuses(
      () => conformal(levels, data, { score: 'absolute' }),
      'E_OPTION',
      /'quantile' for predicted quantiles/,
    );
    refuses(
      () => conformal(gaussian, data, { score: 'aps' as never }),
      'E_OPTION',
      /'score' must be 'absolute', 'scaled' or 'quantile', got "aps"/,
    );
    refuses(() => conformal(gaussian, data, { level: 1 }), 'E_OPTION', /'level' must be in \(0, 1\), got 1/);
    refuses(() => conformal(gaussian, data, { levle: 0.9 } as never), 'E_OPTION', /Did you mean 'level'/);
    const two = ndarray(new Float32Array(40), [20, 2]);
    refuses(
      () => conformal(gaussian, { x: data.x, y: two }),
      'E_SHAPE',
      /y has 40 values, but the predictions have shape \[20, 1\]/,
    );
    const median = { predict: (x: Values) => quantiles(ndarray(inputs(x), [1, 20, 1]), [0.5]) };
    refuses(() => conformal(median, data), 'E_OPTION', /needs two quantiles.*predicts 0.5/);
  });
});
