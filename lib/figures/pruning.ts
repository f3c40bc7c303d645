import { CredenceError } from '../errors';
import { sameLength } from './check';
import { compact, percent, readable } from './numbers';
import { palette } from './palette';
import type { Figure } from './wire/messages';

/** How good a model is without the weights that say least. */
export interface PruningCurve {
  /** [N]: shares of the weights that are removed, from 0 to below 1. */
  removed: ArrayLike<number>;
  /** [N]: a score of what is left. */
  score: ArrayLike<number>;
}

/** Options of `pruning`. */
export interface PruningOptions {
  /** What the score is: the title of its axis. Default: 'score'. */
  score?: string;
  /** Default: 'Removing weights'. */
  title?: string;
}

/**
 * Draws a score over the share of weights removed, those with the least |mean| / std first.
 *
 * Graves, "Practical variational inference for neural networks", 2011; Blundell et al., "Weight uncertainty in neural networks", 2015.
 * @throws CredenceError E_SHAPE if the arrays do not have the same length, E_DATA if there is no point
 */
export function pruningFigure({ removed, score }: PruningCurve, options: PruningOptions = {}): Figure {
  const { score: name = 'score', title = 'Removing weights' } = options;
  const points = sameLength('pruning figure', { removed, score });
  if (points === 0) throw new CredenceError('E_DATA', 'pruning figure: there is no point to draw');
  const order = Array.from(removed, (_, i) => i).sort((a, b) => removed[a]! - removed[b]!);
  const said = (i: number): string => `${readable(score[i]!)} without ${percentOf(removed[i]!)}`;
  const [first, last] = [order[0]!, order.at(-1)!];
  return {
    title,
    description: `${name} over the share of weights removed, the least certain first: ${order.map(said).join(', ')}.`,
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: removed[first] === 0 ? 'all weights' : percentOf(removed[first]!),
        x: [removed[first]!, removed[last]!],
        y: [compact(score[first]!), compact(score[first]!)],
        line: { color: palette.grey, width: 1.5, dash: 'dash' },
        hoverinfo: 'skip',
      },
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: 'what is left',
        x: order.map((i) => compact(removed[i]!)),
        y: order.map((i) => compact(score[i]!)),
        line: { color: palette.blue, width: 2 },
        marker: { color: palette.blue, size: 7 },
        hovertext: order.map((i) => `${name} ${said(i)} of the weights`),
        hovertemplate: '%{hovertext}',
      },
    ],
    layout: {
      hovermode: 'closest',
      xaxis: { title: { text: 'share of weights removed' }, tickformat: '~%' },
      yaxis: { title: { text: name } },
    },
  };
}

/** Near 1 every tenth of a per cent counts: '97.5 %'. */
const percentOf = (share: number): string =>
  share > 0.95 ? `${Number((100 * share).toFixed(1))} %` : percent(share);
