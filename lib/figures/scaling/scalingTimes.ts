import { CredenceError } from '../../errors';
import { compact, percent, readable } from '../numbers';
import { palette } from '../palette';
import type { Annotation, BarTrace } from '../wire/plotly';
import type { Figure } from '../wire/messages';

/** What a step's time goes to, in seconds, the mean of the workers. */
export interface TimeSplit {
  /** Bars of a group stand together: 'S = 16'. */
  group: string;
  /** Below the bar: '2 sample'. */
  label: string;
  compute: number;
  exchange: number;
  wait: number;
}

const parts = [
  { name: 'compute', color: palette.blue },
  { name: 'exchange', color: palette.orange },
  { name: 'wait', color: palette.grey },
] as const;

const BAR = 0.72;
/** Between two groups, in widths of a bar with its room. */
const GAP = 0.6;

const total = ({ compute, exchange, wait }: TimeSplit): number => compute + exchange + wait;
const away = (split: TimeSplit): number => (split.exchange + split.wait) / total(split);

/**
 * Draws where the time of a step goes: computing, exchanging gradients, waiting for the other workers. Above each bar stands the share
 * that is not computing.
 * @throws CredenceError E_DATA if there is no bar, or no time in one
 */
export function timeSplitFigure(splits: readonly TimeSplit[]): Figure {
  if (splits.length === 0 || splits.some((split) => !(total(split) > 0))) {
    throw new CredenceError('E_DATA', 'time split figure: needs bars, each with times above 0');
  }
  const places = placed(splits);
  const bars = parts.map(({ name, color }, i): BarTrace => ({
    type: 'bar',
    name,
    x: places,
    y: splits.map((split) => compact(1000 * split[name])),
    base: splits.map((split) => 1000 * parts.slice(0, i).reduce((sum, below) => sum + split[below.name], 0)),
    width: places.map(() => BAR),
    marker: { color },
    hovertext: splits.map(describeSplit),
    hovertemplate: '%{hovertext}',
  }));
  const most = 1000 * Math.max(...splits.map(total));
  return {
    title: 'Where the time goes',
    description: `Time of a step, split into computing, exchanging gradients and waiting: ${splits
      .map(
        (split) =>
          `${split.group}, ${split.label}: ${readable(1000 * total(split))} ms, ${percent(away(split))} not computing`,
      )
      .join('; ')}.`,
    data: bars,
    layout: {
      barmode: 'overlay',
      hovermode: 'closest',
      xaxis: {
        title: { text: 'workers, and what they share out (above: time not computing)' },
        tickvals: places,
        ticktext: splits.map(({ label }) => label),
        range: [places[0]! - 0.7, places.at(-1)! + 0.7],
        showgrid: false,
      },
      yaxis: { title: { text: 'ms per step' }, range: [0, 1.25 * most] },
      annotations: [
        ...splits.map((split, i) => note(percent(away(split)), places[i]!, 1000 * total(split), 'bottom')),
        ...groupNotes(splits, places, 1.25 * most),
      ],
    },
  };
}

/** Where the bars stand: side by side, with a gap between groups. */
const placed = (splits: readonly TimeSplit[]): number[] => {
  let at = -1;
  return splits.map(({ group }, i) => (at += i > 0 && group !== splits[i - 1]!.group ? 1 + GAP : 1));
};

/** The name of each group, above its middle. */
function groupNotes(splits: readonly TimeSplit[], places: readonly number[], y: number): Annotation[] {
  const names = [...new Set(splits.map(({ group }) => group))];
  return names.map((name) => {
    const own = places.filter((_, i) => splits[i]!.group === name);
    return note(name, (own[0]! + own.at(-1)!) / 2, y, 'top');
  });
}

const note = (text: string, x: number, y: number, yanchor: 'top' | 'bottom'): Annotation => ({
  text,
  x,
  y,
  xref: 'x',
  yref: 'y',
  showarrow: false,
  xanchor: 'center',
  yanchor,
  yshift: yanchor === 'top' ? -4 : 2,
  font: { size: yanchor === 'top' ? 12 : 11 },
});

const describeSplit = (split: TimeSplit): string =>
  `${split.group}, ${split.label}\n${parts
    .map(({ name }) => `${name} ${readable(1000 * split[name])} ms (${percent(split[name] / total(split))})`)
    .join('\n')}`;
