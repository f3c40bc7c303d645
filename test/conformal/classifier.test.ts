import assert from 'node:assert/strict';
import { conformal, type ConformalClassifierOptions } from '../../lib/conformal';
import { classScores } from '../../lib/conformal/classScores';
import { inputs, type Values } from '../../lib/data/dataset';
import { binary, classification } from '../../lib/inference/posterior/prediction';
import { ndarray, type NdArray } from '../../lib/ndarray';
import { foldIn, keyOf, uniforms } from '../../lib/threefry';
import { assertClose } from '../golden';
import { refuses } from '../refuses';

const CLASSES = 4;

/** The probabilities that a "posterior" gives for an input: a softmax of four waves. */
function softmax(x: number, sharpness: number): number[] {
  const powers = Array.from({ length: CLASSES }, (_, k) => Math.exp(sharpness * Math.sin(x + k * k)));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((each) => each / sum);
}

const posterior = (sharpness: number) => ({
  predict(x: Values) {
    const rows = inputs(x);
    const probs = Float32Array.from([...rows].flatMap((each) => softmax(each, sharpness)));
    return classification(ndarray(probs, [1, rows.length, CLASSES]));
  },
});
/** Far more sure than the labels are. */
const overconfident = posterior(6);

/** n labels that are drawn from flatter probabilities. */
function drawn(seed: number, n: number): { x: NdArray; y: Int32Array } {
  const x = Float32Array.from(uniforms(foldIn(keyOf(seed), 0), n), (u) => 7 * u);
  const y = Int32Array.from(uniforms(foldIn(keyOf(seed), 1), n), (u, i) => {
    let left = u;
    return softmax(x[i]!, 1.5).findIndex((p, k) => (left -= p) < 0 || k === CLASSES - 1);
  });
  return { x: ndarray(x, [n, 1]), y };
}

/** What any input is said to be: [0.5, 0.3, 0.2]. */
const constant = {
  predict: (x: Values) =>
    classification(
      ndarray(Float32Array.from([...inputs(x)].flatMap(() => [0.5, 0.3, 0.2])), [1, inputs(x).length, 3]),
    ),
};

describe('conformal: classifications', () => {
  it('scores classes by hand', () => {
    const probs = [0.1, 0.6, 0.3];
    const raps = { lambda: 0.5, kReg: 1 };
    assertClose(classScores(probs, 0.25, { score: 'lac', ...raps }), [0.9, 0.4, 0.7], 1e-12);
    // the classes above, and a quarter of the own
    assertClose(classScores(probs, 0.25, { score: 'aps', ...raps }), [0.925, 0.15, 0.675], 1e-12);
    assertClose(classScores(probs, 0.25, { score: 'raps', ...raps }), [1.925, 0.15, 1.175], 1e-12);
  });

  it('finds thresholds and sets by hand', () => {
    // scores 0.5 four times, 0.7 four times, 0.8 twice; level 0.7 of 10 data: the eighth, ceil(11 * 0.7)
    const data = { x: new Float32Array(10), y: Int32Array.of(0, 1, 0, 1, 2, 0, 1, 0, 1, 2) };
    const fitted = conformal(constant, data, { score: 'lac', level: 0.7 });
    assertClose(fitted.thresholds, [0.7, 0.7, 0.7], 1e-7);
    assert.deepEqual(fitted.predict([1, 2]).sets, [[0, 1], [0, 1]]); // prettier-ignore
    assertClose(fitted.predict([1]).prediction.mean, [0.5, 0.3, 0.2], 1e-7);
    const { coverage, classCoverage, size } = fitted.evaluate(data);
    assert.deepEqual([coverage, [...classCoverage], size], [0.8, [1, 1, 0], 2]);
  });

  /** n = 19: ceil(20 * level) / 20. The scores of 'lac' have no ties here, those of 'aps' and 'raps' none with their random share. */
  const cases: ConformalClassifierOptions[] = [
    { score: 'lac', level: 0.9 },
    { score: 'aps', level: 0.9 },
    { score: 'raps', level: 0.9, lambda: 0.2, kReg: 2 },
    { score: 'aps', level: 0.6 },
  ];
  for (const options of cases) {
    it(`holds the label of a new datum with probability k / (n + 1): ${JSON.stringify(options)}`, () => {
      const trials = 2000;
      let covered = 0;
      for (let seed = 0; seed < trials; seed++) {
        const { x, y } = drawn(seed, 20);
        const fitted = conformal(
          overconfident,
          { x: x.subarray(0, 19), y: y.subarray(0, 19) },
          { ...options, seed },
        );
        covered += fitted.evaluate({ x: x.subarray(19), y: y.subarray(19) }).coverage;
      }
      const want = options.level!;
      const bound = 4 * Math.sqrt((want * (1 - want)) / trials);
      assert.ok(Math.abs(covered / trials - want) < bound, `${covered / trials} of the sets hold the label`);
    });
  }

  it('keeps its promise where the posterior does not', () => {
    const [calibration, test] = [drawn(1, 1000), drawn(2, 2000)];
    const own = overconfident.predict(test.x).mean;
    const top = test.y.filter((label, i) => own[i * CLASSES + label]! > 0.5).length / 2000;
    const confidence = own.filter((p) => p > 0.5).reduce((a, b) => a + b) / 2000;
    assert.ok(confidence - top > 0.2, `says ${confidence}, is right in ${top}`);
    for (const score of ['lac', 'aps', 'raps'] as const) {
      const { coverage, size } = conformal(overconfident, calibration, { score }).evaluate(test);
      assert.ok(Math.abs(coverage - 0.9) < 0.035, `${score} ${coverage}`); // 3 times the spread of 1000 and 2000 data together
      assert.ok(size > 1 && size < CLASSES, `${score} ${size}`);
    }
  });

  it('has the smallest sets by lac, and sets by aps that grow with doubt', () => {
    const [calibration, test] = [drawn(3, 2000), drawn(4, 2000)];
    const exact = posterior(1.5);
    const size = (score: 'lac' | 'aps' | 'raps') =>
      conformal(exact, calibration, { score }).evaluate(test).size;
    assert.ok(size('lac') < size('aps'));
    const { sets, prediction } = conformal(exact, calibration, { score: 'aps' }).predict(test.x);
    const mean = (unsure: boolean) => {
      const chosen = sets.filter((_, i) => prediction.total[i]! > 1.1 === unsure);
      return chosen.reduce((sum, set) => sum + set.length, 0) / chosen.length;
    };
    assert.ok(mean(true) > mean(false) + 0.25, `${mean(true)} and ${mean(false)}`);
  });

  it('keeps it for each class on request', () => {
    const [calibration, test] = [drawn(5, 3000), drawn(6, 6000)];
    const spread = (perClass: boolean) => {
      const { classCoverage } = conformal(overconfident, calibration, { score: 'lac', perClass }).evaluate(
        test,
      );
      return Math.max(...classCoverage.map((each) => Math.abs(each - 0.9)));
    };
    assert.ok(spread(true) < 0.04, `${spread(true)}`); // about 3 times sqrt(0.09 / 700 + 0.09 / 1400)
    assert.ok(spread(false) > spread(true), `${spread(false)} ${spread(true)}`);
  });

  it('gives a question of yes or no two classes', () => {
    const question = {
      predict: (x: Values) => {
        const rows = inputs(x);
        return binary(ndarray(rows.map((each) => 1 / (1 + Math.exp(-each))), [1, rows.length, 1])); // prettier-ignore
      },
    };
    const x = uniforms(keyOf(9), 200).map((u) => 8 * u - 4);
    const y = x.map((each) => Number(each > 0));
    const { sets } = conformal(question, { x, y }, { score: 'lac' }).predict([-4, 4]);
    assert.deepEqual(sets, [[0], [1]]);
    const two = { predict: () => binary(ndarray(new Float32Array(8).fill(0.5), [1, 4, 2])) };
    refuses(
      () => conformal(two, { x: [1, 2, 3, 4], y: [0, 1, 0, 1] }),
      'E_SHAPE',
      /answers 2: fit one model for each/,
    );
  });

  it('promises nothing with too few data, and says so', () => {
    const few = conformal(overconfident, drawn(1, 18), { level: 0.95 });
    assert.match(
      String(few),
      /calibration data: 18\)\n {2}too few for level 0.95, which needs at least 19: every set has all classes/,
    );
    assert.ok(few.predict([1, 2]).sets.every((set) => set.length === CLASSES));
    const one = conformal(overconfident, { x: [1, 2, 3], y: [0, 0, 1] }, { level: 0.6, perClass: true });
    assert.deepEqual([...one.counts], [2, 1, 0, 0]);
    assert.deepEqual([...one.thresholds].map(Number.isFinite), [true, false, false, false]);
    assert.match(
      String(one),
      /calibration data: 2, 1, 0, 0 for each class\)\n.*at least 2: classes that have fewer are in every set/,
    );
    assert.equal(
      String(conformal(overconfident, drawn(1, 19), { level: 0.95, score: 'lac' })),
      "ConformalClassifier (level 0.95, score 'lac', calibration data: 19)",
    );
  });

  it('draws the same sets for the same seed', () => {
    const sets = (seed: number) =>
      conformal(overconfident, drawn(1, 50), { seed }).predict(drawn(2, 50).x).sets;
    assert.deepEqual(sets(1), sets(1));
    assert.notDeepEqual(sets(1), sets(2));
  });

  it('draws other random shares for new data than for those of the calibration', () => {
    // all alike, so that only the shares tell data apart: the same ones would put exactly 51 of 100 into their sets
    const data = { x: new Float32Array(100), y: new Int32Array(100) };
    const { coverage } = conformal(constant, data, { level: 0.5 }).evaluate(data);
    assert.ok(coverage !== 0.51 && Math.abs(coverage - 0.5) < 0.2, `${coverage}`);
  });

  it('refuses what cannot be', () => {
    const { x, y } = drawn(1, 20);
    refuses(
      () => conformal(overconfident, { x, y: y.map((each) => each + 1) }),
      'E_DATA',
      /conformal: y\[\d+\] is 4, labels/,
    );
    refuses(
      () => conformal(overconfident, { x, y }, { score: 'absolute' as never }),
      'E_OPTION',
      /'lac', 'aps' or 'raps'/,
    );
    refuses(
      () => conformal(overconfident, { x, y: y.subarray(1) }),
      'E_SHAPE',
      /x has 20 rows, but y has 19/,
    );
    refuses(() => conformal(overconfident, { x, y }, { lambda: -1 }), 'E_OPTION', /'lambda'.*got -1/);
  });
});
