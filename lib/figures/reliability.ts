import type { ReliabilityBin } from '../metrics/calibration';
import { compact, percent } from './numbers';
import { palette, roles, translucent } from './palette';
import type { BarTrace, ScatterTrace } from './plotly';
import type { Figure } from './wire';

/** A bin that some predictions fall into. */
type FilledBin = ReliabilityBin & { confidence: number; accuracy: number };

/**
 * Draws a reliability diagram (Niculescu-Mizil and Caruana, 2005): accuracy over confidence, which lies on the diagonal
 * for a calibrated model, and below it how many predictions have that confidence. The expected calibration error (ECE,
 * Guo et al. 2017) is the mean distance from the diagonal, weighted by the counts.
 */
export function reliabilityFigure(
  bins: readonly ReliabilityBin[],
  { title = 'Calibration' }: { title?: string } = {},
): Figure {
  const filled = bins.filter((bin): bin is FilledBin => bin.count > 0);
  const total = filled.reduce((sum, { count }) => sum + count, 0);
  const gap = ({ confidence, accuracy }: FilledBin): number => confidence - accuracy;
  const ece = filled.reduce((sum, bin) => sum + (bin.count / total) * Math.abs(gap(bin)), 0);
  const shared = {
    type: 'bar',
    x: filled.map(({ lower, upper }) => compact((lower + upper) / 2)),
    width: filled.map(({ lower, upper }) => Math.max(0.94 * (upper - lower), 0.002)),
  } as const;
  const accuracy: BarTrace = {
    ...shared,
    name: 'accuracy',
    y: filled.map((bin) => compact(bin.accuracy)),
    marker: { color: translucent(palette.blue, 0.75) },
    hovertext: filled.map(describeBin),
    hovertemplate: '%{hovertext}',
  };
  const gaps: BarTrace = {
    ...shared,
    name: 'gap to confidence',
    base: filled.map((bin) => bin.accuracy),
    y: filled.map((bin) => compact(gap(bin))),
    marker: { color: translucent(roles.error, 0.45) },
    hoverinfo: 'skip',
  };
  const counts: BarTrace = {
    ...shared,
    name: 'predictions',
    yaxis: 'y2',
    showlegend: false,
    y: filled.map(({ count }) => compact(count / total)),
    marker: { color: translucent(palette.grey, 0.75) },
    hovertext: filled.map(describeBin),
    hovertemplate: '%{hovertext}',
  };
  return {
    title: total > 0 ? `${title}: ECE ${ece.toFixed(3)}` : title,
    description: describeReliability(filled, total, ece),
    data: [accuracy, gaps, counts, diagonal],
    layout: {
      barmode: 'overlay',
      hovermode: 'closest',
      xaxis: { title: { text: 'confidence' }, range: [0, 1], anchor: 'y2' },
      yaxis: { title: { text: 'accuracy' }, range: [0, 1], domain: [0.32, 1] },
      yaxis2: { title: { text: 'share' }, domain: [0, 0.22], tickformat: '.0%', nticks: 3 },
    },
  };
}

const diagonal: ScatterTrace = {
  type: 'scatter',
  mode: 'lines',
  name: 'calibrated',
  x: [0, 1],
  y: [0, 1],
  line: { color: palette.grey, width: 1.5, dash: 'dash' },
  hoverinfo: 'skip',
};

const describeBin = ({ lower, upper, count, confidence, accuracy }: FilledBin): string =>
  `confidence ${lower.toFixed(2)} to ${upper.toFixed(2)}, mean ${confidence.toFixed(3)}\n` +
  `accuracy ${accuracy.toFixed(3)}\n${count} predictions`;

function describeReliability(filled: readonly FilledBin[], total: number, ece: number): string {
  if (total === 0) return 'Reliability diagram; there are no predictions yet.';
  const weighted = (value: (bin: FilledBin) => number): number =>
    filled.reduce((sum, bin) => sum + (bin.count / total) * value(bin), 0);
  const confidence = weighted((bin) => bin.confidence);
  const accuracy = weighted((bin) => bin.accuracy);
  return (
    `Reliability diagram of ${total} predictions: expected calibration error ${ece.toFixed(3)}, ` +
    `mean confidence ${percent(confidence)}, accuracy ${percent(accuracy)}.`
  );
}
