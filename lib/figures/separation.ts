import { auroc } from '../metrics/detection';
import { binCounts, binEdges, binRange, binShares } from './histogram';
import { compact, percent, readable } from './numbers';
import { palette, translucent, type Hex } from './palette';
import type { BarTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** Options of `separation`. */
export interface SeparationOptions {
  /** What the score is: the title of its axis. Default: 'uncertainty'. */
  score?: string;
  /** Names of the two kinds of inputs. Default: ['known', 'unknown']. */
  names?: readonly [string, string];
  /** Bins of the histograms. Default: 30. */
  bins?: number;
  /** Default: 'Known and unknown inputs'. */
  title?: string;
}

/**
 * Draws how well an uncertainty tells inputs like those that were learned from (known) and others (unknown) apart: the
 * histograms of both, and the area under the ROC curve: the probability that an unknown input is found more
 * uncertain than a known one.
 *
 * Hendrycks and Gimpel, "A baseline for detecting misclassified and out-of-distribution examples", ICLR 2017.
 * @param known scores [N], higher where the model is less sure
 * @param unknown scores [M]
 * @throws CredenceError E_SHAPE if one of them is empty, E_DATA if a score is not finite
 */
export function separationFigure(
  known: ArrayLike<number>,
  unknown: ArrayLike<number>,
  options: SeparationOptions = {},
): Figure {
  const { score = 'uncertainty', names = ['known', 'unknown'], bins = 30 } = options;
  const { title = 'Known and unknown inputs' } = options;
  const area = areaUnderRoc(known, unknown);
  const range = binRange([known, unknown]);
  const bars = (values: ArrayLike<number>, name: string, color: Hex): BarTrace => {
    const edges = binEdges(range, bins);
    const counts = binCounts(values, range, bins);
    return {
      type: 'bar',
      name: `${name} (${values.length})`,
      x: counts.map((_, i) => compact((edges[i]! + edges[i + 1]!) / 2)),
      y: binShares(values, range, bins).map(compact),
      width: counts.map(() => edges[1]! - edges[0]!),
      marker: { color: translucent(color, 0.6) },
      hovertext: counts.map(
        (count, i) =>
          `${name}: ${count} of ${values.length}\n${score} ${readable(edges[i]!)} to ${readable(edges[i + 1]!)}`,
      ),
      hovertemplate: '%{hovertext}',
    };
  };
  return {
    title: `${title}: AUROC ${area.toFixed(3)}`,
    description:
      `Histograms of ${score} for ${known.length} ${names[0]} and ${unknown.length} ${names[1]} inputs, with the means ` +
      `${readable(mean(known))} and ${readable(mean(unknown))}: of a pair of both, the ${names[1]} one is the more uncertain ` +
      `in ${percent(area)} of cases (AUROC ${area.toFixed(3)}).`,
    data: [bars(known, names[0], palette.blue), bars(unknown, names[1], palette.orange)],
    layout: {
      barmode: 'overlay',
      hovermode: 'closest',
      xaxis: { title: { text: score }, range },
      yaxis: { title: { text: 'share of inputs' }, tickformat: '~%' },
    },
  };
}

/** Unknown inputs are what is to be found. */
function areaUnderRoc(known: ArrayLike<number>, unknown: ArrayLike<number>): number {
  const labels = new Uint8Array(known.length + unknown.length).fill(1, known.length);
  return auroc([...Array.from(known), ...Array.from(unknown)], labels);
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
