import { excessAurc, riskCoverage } from '../metrics/selective';
import { downsample, MAX_POINTS } from './downsample';
import { pick, readable } from './numbers';
import { type Hex, palette } from './palette';
import type { ScatterTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** Options of the figure of risk and coverage. */
export interface RiskCoverageOptions {
  /** What an error is: the title of its axis. Default: 'error'. */
  error?: string;
  /** Default: 'Answering only when confident'. */
  title?: string;
}

/**
 * Draws what it brings to answer only where the model is confident: the mean error over the share of data that are
 * answered, the most confident first. Below it the best order there is, above it an order by chance. The mean of the
 * curve is the area under it, AURC.
 *
 * Geifman and El-Yaniv, "Selective classification for deep neural networks", NeurIPS 2017.
 * @param confidence higher means more confident [N]; for an uncertainty its negative
 * @param error what an answer costs: 0 or 1, or any error that is not negative [N]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function riskCoverageFigure(
  confidence: ArrayLike<number>,
  error: ArrayLike<number>,
  options: RiskCoverageOptions = {},
): Figure {
  const { error: errorName = 'error', title = 'Answering only when confident' } = options;
  const { coverage, risk } = riskCoverage(confidence, error);
  const best = riskCoverage(
    Array.from(error, (each) => -each),
    error,
  ).risk;
  const all = risk.at(-1)!;
  const area = risk.reduce((sum, each) => sum + each, 0) / risk.length;
  const at = (share: number): number => risk[Math.max(0, Math.ceil(share * risk.length) - 1)]!;
  return {
    title: `${title}: AURC ${readable(area)}`,
    description:
      `Mean ${errorName} over the share of ${risk.length} data that are answered, the most confident first: ${readable(at(0.5))} for one half, ` +
      `${readable(at(0.8))} for 80 %, ${readable(all)} for all. The area under the curve is ${readable(area)}, ` +
      `${readable(excessAurc(confidence, error))} more than of the best order.`,
    data: [
      level(all),
      curve('best order', palette.green, coverage, best, { width: 1.5, dash: 'dot' }, errorName),
      curve('by confidence', palette.blue, coverage, risk, { width: 2 }, errorName),
    ],
    layout: {
      hovermode: 'closest',
      xaxis: { title: { text: 'share of data answered' }, range: [0, 1], tickformat: '.0%' },
      yaxis: {
        title: { text: `mean ${errorName}` },
        range: [0, 1.08 * Math.max(...risk.slice(Math.floor(risk.length / 20)), all) || 1],
      },
    },
  };
}

function curve(
  name: string,
  color: Hex,
  coverage: Float64Array,
  risk: Float64Array,
  line: ScatterTrace['line'],
  errorName: string,
): ScatterTrace {
  const indices = downsample(risk, MAX_POINTS);
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    x: pick(coverage, indices),
    y: pick(risk, indices),
    line: { color, ...line },
    hovertemplate: `${name}: ${errorName} %{y:.3g}\nwhere %{x:.0%} are answered`,
  };
}

const level = (all: number): ScatterTrace => ({
  type: 'scatter',
  mode: 'lines',
  name: 'order by chance',
  x: [0, 1],
  y: [all, all],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
});
