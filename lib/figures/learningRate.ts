import { sameLength } from './check';
import { downsample, MAX_POINTS } from './downsample';
import { extent, pick, readable } from './numbers';
import { palette } from './palette';
import type { Figure } from './wire/messages';

/**
 * Draws the learning rate over the steps, on a logarithmic axis where it changes by more than a factor of ten.
 * @param history steps and rates, [T] each
 * @throws CredenceError E_SHAPE if the arrays do not have the same length
 */
export function learningRateFigure({
  steps,
  rate,
}: {
  steps: ArrayLike<number>;
  rate: ArrayLike<number>;
}): Figure {
  const count = sameLength('learning rate figure', { steps, rate });
  const indices = downsample(rate, MAX_POINTS);
  const range = extent(Array.from(rate));
  const isLog = range !== undefined && range[0] > 0 && range[1] > 10 * range[0];
  return {
    title: 'Learning rate',
    description:
      count === 0
        ? 'Learning rate over the steps; no step is done yet.'
        : `Learning rate over ${steps[count - 1]} steps: from ${readable(rate[0]!)} to ${readable(rate[count - 1]!)}.`,
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'learning rate',
        x: pick(steps, indices),
        y: pick(rate, indices),
        line: { color: palette.blue, width: 2 },
        hovertemplate: 'learning rate %{y:.3g}',
      },
    ],
    layout: {
      hovermode: 'x unified',
      xaxis: { title: { text: 'step' } },
      yaxis: {
        title: { text: 'learning rate' },
        tickformat: '~g',
        ...(isLog
          ? { type: 'log', nticks: 5 }
          : { type: 'linear', range: [0, 1.08 * (range?.[1] ?? 1) || 1] }),
      },
    },
  };
}
