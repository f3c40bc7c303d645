import type { ReliabilityBin } from '../metrics/calibration';
import { diagonal } from './diagonal';
import { compact, percent } from './numbers';
import { palette, roles, translucent } from './palette';
import type { BarTrace, ScatterTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** A bin that some predictions fall into. */
type FilledBin = ReliabilityBin & { confidence: number; accuracy: number };

/**
 * Draws a reliability diagram (Niculescu-Mizil and Caruana, 2005): accuracy over confidence, which lies on the diagonal
 * for a calibrated model, and below it how many predictions have that confidence, with the means of both: their distance
 * is what the model is over- or underconfident by, all in all. The expected calibration error (ECE, Guo et al. 2017) is the mean distance
 * from the diagonal, weighted by the counts.
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
    data: [accuracy, gaps, counts, diagonal, ...(total > 0 ? averages(filled, total) : [])],
    layout: {
      barmode: 'overlay',
      hovermode: 'closest',
      xaxis: { title: { text: 'confidence' }, range: [0, 1], anchor: 'y2' },
      yaxis: { title: { text: 'accuracy' }, range: [0, 1], domain: [0.32, 1] },
      yaxis2: {
        title: { text: 'share' },
        range: [0, 1.05 * Math.max(0, ...filled.map(({ count }) => count / total)) || 1],
        domain: [0, 0.22],
        tickformat: '.0%',
        nticks: 3,
      },
    },
  };
}

/** The mean of a value of the bins over all predictions. */
const weighted = (filled: readonly FilledBin[], total: number, value: 'confidence' | 'accuracy'): number =>
  filled.reduce((sum, bin) => sum + (bin.count / total) * bin[value], 0);

/** Mean confidence and accuracy in the histogram of confidence. */
function averages(filled: readonly FilledBin[], total: number): ScatterTrace[] {
  const highest = Math.max(...filled.map(({ count }) => count / total));
  const line = (
    value: 'confidence' | 'accuracy',
    name: string,
    style: ScatterTrace['line'],
  ): ScatterTrace => {
    const at = compact(weighted(filled, total, value));
    return {
      type: 'scatter',
      mode: 'lines',
      name,
      yaxis: 'y2',
      x: [at, at],
      y: [0, compact(highest)],
      line: style,
      hovertemplate: `${name} %{x:.1%}`,
    };
  };
  return [
    line('accuracy', 'mean accuracy', { color: palette.blue, width: 2 }),
    line('confidence', 'mean confidence', { color: roles.error, width: 2, dash: 'dash' }),
  ];
}

const describeBin = ({ lower, upper, count, confidence, accuracy }: FilledBin): string =>
  `confidence ${lower.toFixed(2)} to ${upper.toFixed(2)}, mean ${confidence.toFixed(3)}\n` +
  `accuracy ${accuracy.toFixed(3)}\n${count} predictions`;

function describeReliability(filled: readonly FilledBin[], total: number, ece: number): string {
  if (total === 0) return 'Reliability diagram; there are no predictions yet.';
  const [confidence, accuracy] = [weighted(filled, total, 'confidence'), weighted(filled, total, 'accuracy')];
  return (
    `Reliability diagram of ${total} predictions: expected calibration error ${ece.toFixed(3)}, ` +
    `mean confidence ${percent(confidence)}, accuracy ${percent(accuracy)}.`
  );
}
