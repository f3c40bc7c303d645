import assert from 'node:assert/strict';
import { calibrationCurveFigure } from '../../lib/figures/calibrationCurve';
import { pitFigure } from '../../lib/figures/pit';
import { calibrationCurve } from '../../lib/metrics';
import { refuses } from '../refuses';
import { draws } from './draws';

/** As flat as can be. */
const even = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
const narrow = even.map((value) => 0.25 + value / 2);

describe('pitFigure', () => {
  it('draws the density, and the band in which chance stays', () => {
    const [bars, band, level] = pitFigure(even, { bins: 4 }).data;
    assert.deepEqual(
      [bars?.x, bars?.y],
      [
        [0.125, 0.375, 0.625, 0.875],
        [1, 1, 1, 1],
      ],
    );
    // a count is binomial(1000, 1/4): its density has a standard deviation of sqrt(3 / 1000)
    const margin = 1.96 * Math.sqrt(3 / 1000);
    assert.ok(Math.abs((band?.y[0] as number) - (1 - margin)) < 1e-5);
    assert.ok(Math.abs((band?.y[2] as number) - (1 + margin)) < 1e-5);
    assert.deepEqual(level?.y, [1, 1]);
  });

  it('says how many bars are outside of it, and where observations lie', () => {
    assert.match(pitFigure(even).description, /: 0 bars are outside.* 50 % of the obs.*median 50 %/);
    const { data, description } = pitFigure(narrow, { bins: 4 });
    assert.deepEqual(data[0]?.y, [0, 2, 2, 0]);
    assert.match(description, /: 4 bars are outside.* 100 % of the observations/);
  });

  it('fits the wire and a picture', () =>
    draws(pitFigure(narrow, { title: 'PIT' }), '95 % by chance', 'density'));

  it('refuses what is no probability, and nothing', () => {
    refuses(() => pitFigure([0.5, 1.5]), 'E_DATA', /pit\[1\] is 1\.5/);
    refuses(() => pitFigure([]), 'E_SHAPE', /empty/);
  });
});

describe('calibrationCurveFigure', () => {
  it('draws observed over expected shares, the diagonal, and the area between them', () => {
    const curve = calibrationCurve(narrow, { points: 11 });
    const { data, title, description } = calibrationCurveFigure(curve, { title: 'Intervals' });
    const [area, diagonal, line] = data;
    assert.deepEqual(line?.y.slice(0, 7), [0, 0.2, 0.4, 0.6, 0.8, 1, 1]);
    assert.deepEqual(
      [diagonal?.x, diagonal?.y],
      [
        [0, 1],
        [0, 1],
      ],
    );
    assert.deepEqual([area?.x.length, area?.x.at(-2), area?.x.at(-1)], [13, 1, 0]);
    // two triangles on the diagonal of height 1/2 above: 1/2 * 1/2 * 1/2 + 1/2 * 1/2 * 1/2
    assert.equal(title, 'Intervals: area 0.250');
    assert.match(description, /where 50 % are expected and 100 % observed\.$/);
  });

  it('fits the wire and a picture', () =>
    draws(calibrationCurveFigure(calibrationCurve(even)), 'miscalibration area', 'observed share'));

  it('refuses lengths that differ', () => {
    const curve = { expected: Float64Array.of(0, 1), observed: Float64Array.of(0) };
    refuses(() => calibrationCurveFigure(curve), 'E_SHAPE', /expected has 2 values, but observed has 1/);
  });
});
