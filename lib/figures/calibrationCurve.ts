import { type CalibrationCurve, miscalibrationArea } from '../metrics/regressionCalibration';
import { sameLength } from './check';
import { diagonal } from './diagonal';
import { compact, percent } from './numbers';
import { palette, roles, translucent } from './palette';
import type { ScatterTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/**
 * Draws the calibration curve of a regression: the share of observations that intervals (or quantiles) cover, over the
 * share that they should. The area between curve and diagonal is the miscalibration area, from 0 to 1/2.
 *
 * Kuleshov et al., "Accurate uncertainties for deep learning using calibrated regression", ICML 2018.
 * @param curve by `metrics.calibrationCurve`
 * @throws CredenceError E_SHAPE if the arrays do not have the same length
 */
export function calibrationCurveFigure(
  curve: CalibrationCurve,
  { title = 'Calibration of intervals' }: { title?: string } = {},
): Figure {
  const { expected, observed } = curve;
  sameLength('calibration curve figure', { expected, observed });
  const area = miscalibrationArea(curve);
  const [x, y] = [Array.from(expected, compact), Array.from(observed, compact)];
  const between: ScatterTrace = {
    type: 'scatter',
    mode: 'none',
    name: 'miscalibration area',
    x: [...x, 1, 0],
    y: [...y, 1, 0],
    fill: 'toself',
    fillcolor: translucent(roles.error, 0.25),
    hoverinfo: 'skip',
  };
  const line: ScatterTrace = {
    type: 'scatter',
    mode: 'lines',
    name: 'observed',
    x,
    y,
    line: { color: palette.blue, width: 2 },
    hovertext: x.map((_, i) => `expected ${percent(expected[i]!)}\nobserved ${percent(observed[i]!)}`),
    hovertemplate: '%{hovertext}',
  };
  const share = { range: [0, 1], tickformat: '.0%', nticks: 6 } as const;
  return {
    title: `${title}: area ${area.toFixed(3)}`,
    description: describe(curve, area),
    data: [between, diagonal, line],
    layout: {
      hovermode: 'closest',
      xaxis: { ...share, range: [0, 1], title: { text: 'expected share' } },
      yaxis: { ...share, range: [0, 1], title: { text: 'observed share' } },
    },
  };
}

/** What is observed where 90 % are expected, and the point furthest from the diagonal. */
function describe({ expected, observed }: CalibrationCurve, area: number): string {
  const gaps = Array.from(expected, (share, i) => observed[i]! - share);
  const worst = gaps.reduce((best, gap, i) => (Math.abs(gap) > Math.abs(gaps[best]!) ? i : best), 0);
  return (
    `Observed over expected share of observations covered: miscalibration area ${area.toFixed(3)}; furthest from the diagonal where ` +
    `${percent(expected[worst]!)} are expected and ${percent(observed[worst]!)} observed.`
  );
}
