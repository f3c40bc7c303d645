import assert from 'node:assert/strict';
import { binary, classification, regression } from '../../lib/inference/posterior/prediction';
import { auroc, normalCdf, pitMixture } from '../../lib/metrics';
import { foldIn, keyOf, normals } from '../../lib/threefry';
import { ndarray } from '../../lib/ndarray';
import { show } from '../../lib/show';
import { refuses } from '../refuses';

const floats = (shape: number[], of: (i: number) => number) =>
  ndarray(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => of(i)),
    shape,
  );

/** Four draws, 300 data: what they predict differs, so the mixture is not normal. */
const [draws, rows] = [4, 300];
const means = floats([draws, rows, 1], (i) => Math.floor(i / rows) * 0.8 + (i % rows) / 100);
const variances = floats([draws, rows, 1], () => 0.04);
const prediction = regression(means, variances);
const noise = normals(foldIn(keyOf(3), 1), rows);
const y = Float32Array.from(noise, (value, i) => 1.2 + i / 100 + 0.7 * value);
const exact = pitMixture(means, variances, y);

describe('show.pit and show.calibrationCurve', () => {
  it('count what the exact distribution of the mixture says', () => {
    const [bars] = show.pit(prediction, y, { bins: 10 }).figures[0]!.data;
    const counts = new Array<number>(10).fill(0);
    for (const value of exact) counts[Math.min(9, Math.floor(value * 10))]!++;
    assert.deepEqual(
      bars?.y.map((density) => Math.round(((density as number) * rows) / 10)),
      counts,
    );
  });

  it('cover what the exact intervals cover', () => {
    const line = show.calibrationCurve(prediction, y, { steps: 5 }).figures[0]!.data.at(-1)!;
    const covered = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
      (level) => exact.filter((value) => Math.abs(2 * value - 1) <= level).length / rows,
    );
    line.y.forEach((share, i) => assert.ok(Math.abs((share as number) - covered[i]!) < 1e-5));
    const below = show
      .calibrationCurve(prediction, y, { steps: 4, kind: 'quantile' })
      .figures[0]!.data.at(-1)!;
    const middle = exact.filter((value) => value <= 0.5).length / rows;
    assert.ok(Math.abs((below.y[2] as number) - middle) < 1e-5);
  });

  it('take fewer draws of many data, and say nearly the same', () => {
    const many = 3000;
    const wide = regression(
      floats([64, many, 1], (i) => Math.sin(i)),
      floats([64, many, 1], () => 0.1),
    );
    const truth = Float32Array.from({ length: many }, (_, i) => 1.2 * Math.sin(1.7 * i));
    const whole = pitMixture(wide.samples, new Float32Array(64 * many).fill(0.1), truth);
    const [bars] = show.pit(wide, truth, { bins: 4 }).figures[0]!.data;
    [0, 1, 2, 3].forEach((bin) => {
      const share = whole.filter((value) => Math.floor(4 * value) === bin).length / many;
      assert.ok(Math.abs((bars?.y[bin] as number) / 4 - share) < 0.03);
    });
  });

  it('look at one of several targets, whose truth is given alone or with the others', () => {
    const both = regression(
      floats([1, 2, 2], (i) => i),
      floats([1, 2, 2], () => 1),
    );
    const alone = show.pit(both, [1, 3], { target: 1 });
    assert.deepEqual(show.pit(both, [9, 1, 9, 3], { target: 1 }), alone);
    assert.equal(normalCdf(0), 0.5);
    refuses(() => show.pit(both, [1, 3], { target: 2 }), 'E_OPTION', /show\.pit: there is no target 2/);
    refuses(() => show.pit(both, [1]), 'E_SHAPE', /for 2 data, but 1 true values/);
    refuses(() => show.calibrationCurve(both, [1, 3], { kind: 'odd' as 'quantile' }), 'E_OPTION', /'kind'/);
  });
});

describe('show.separation', () => {
  const known = classification(floats([2, 3, 2], (i) => (i % 2 ? 0.1 : 0.9)));
  const unknown = classification(floats([2, 3, 2], (i) => ((i + Math.floor(i / 6)) % 2 ? 0.1 : 0.9)));

  it('scores by the uncertainty that is asked for', () => {
    const title = (options?: Parameters<typeof show.separation>[2]): string =>
      show.separation(known, unknown, options).figures[0]!.title;
    assert.match(title(), /AUROC 1\.000$/); // the draws disagree about the unknown
    assert.match(title({ by: 'aleatoric' }), /AUROC 0\.500$/); // and are as sure as before, each
    assert.match(title({ by: 'confidence' }), /AUROC 1\.000$/);
  });

  it('takes any scores', () => {
    const area = auroc([1, 2, 1.5, 3], [0, 0, 1, 1]).toFixed(3);
    assert.ok(show.separation([1, 2], [1.5, 3]).figures[0]!.title.endsWith(area));
  });

  it('refuses the confidence of numbers', () =>
    refuses(
      () => show.separation(prediction, prediction, { by: 'confidence' }),
      'E_OPTION',
      /which numbers do not have: use 'total'/,
    ));
});

describe('show.riskCoverage', () => {
  const risks = (picture: ReturnType<typeof show.riskCoverage>) => picture.figures[0]!.data.at(-1)!.y;

  it('errs where the most probable class is wrong, the most confident first', () => {
    const mean = [0.9, 0.1, 0.2, 0.8, 0.6, 0.4];
    const classes = classification(floats([1, 3, 2], (i) => mean[i]!));
    assert.deepEqual(risks(show.riskCoverage(classes, [0, 1, 1])), [0, 0, 0.333333]);
    assert.deepEqual(risks(show.riskCoverage(classes, [1, 1, 1])), [1, 0.5, 0.666667]);
  });

  it('errs by the distance of numbers, the surest first', () => {
    const numbers = regression(
      floats([1, 3, 1], () => 0),
      floats([1, 3, 1], (i) => 3 - i),
    );
    assert.deepEqual(risks(show.riskCoverage(numbers, [3, -2, 1])), [1, 1.5, 2]);
  });

  it('knows yes and no', () => {
    const answers = binary(floats([1, 3, 1], (i) => [0.1, 0.8, 0.6][i]!));
    assert.deepEqual(risks(show.riskCoverage(answers, [0, 0, 1])), [0, 0.5, 0.333333]);
  });

  it('refuses labels that do not fit', () =>
    refuses(() => show.riskCoverage(prediction, [1, 2]), 'E_SHAPE', /for 300 data, but 2/));
});

describe('show.maps', () => {
  const field = regression(
    floats([2, 3, 4], (i) => i),
    floats([2, 3, 4], () => 1),
  );

  it('takes a target for each place, or a prediction for each place', () => {
    const titles = (index: number) =>
      show.maps({ x: [0, 1], y: [1, 0] }, field, { index }).figures.map(({ description }) => description);
    assert.match(titles(2)[0]!, /from 14 to 17,/); // means of 8..11 and 20..23
    const places = show.maps({ x: [0], y: [2, 1, 0] }, field, { index: 3 });
    assert.match(places.figures[0]!.description, /from 9 to 17,/); // means of 3, 7, 11 and 15, 19, 23
  });

  it('draws both uncertainties in the same colours', () => {
    const [, aleatoric, epistemic] = show.maps({ x: [0, 1], y: [1, 0] }, field).figures;
    assert.deepEqual(aleatoric?.layout.yaxis2?.range, epistemic?.layout.yaxis2?.range);
  });

  it('refuses grids that do not fit', () => {
    refuses(() => show.maps({ x: [0, 1, 2], y: [0, 1] }, field), 'E_SHAPE', /2 × 3 = 6 places.*\[3, 4\]/);
    refuses(
      () => show.maps({ x: [0, 1], y: [0, 1] }, field, { index: 3 }),
      'E_OPTION',
      /index 3, it is 0 to 2/,
    );
    refuses(() => show.maps({ x: [0, 1] } as never, field), 'E_OPTION', /grid/);
  });
});
