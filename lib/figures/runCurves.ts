import { CredenceError } from '../errors';
import { sameLength } from './check';
import { downsample, MAX_POINTS } from './downsample';
import { scaleOf } from './loss';
import { pick, readable } from './numbers';
import { translucent } from './palette';
import type { ScatterTrace } from './wire/plotly';
import { seriesStyle } from './scaling/scalingSeries';
import type { Figure } from './wire/messages';

/** The losses of one run. */
export interface RunCurve {
  name: string;
  /** [T]: the number of each step. */
  steps: ArrayLike<number>;
  /** [T]: nats per datum. */
  loss: ArrayLike<number>;
  /** Seconds that the run has worked, in all. */
  seconds: number;
}

/** Options of the figure of several runs. */
export interface RunCurvesOptions {
  /** The axis: steps, or seconds of work, over which the steps are spread evenly. Default: 'steps'. */
  over?: 'steps' | 'seconds';
  /** Default: 'Loss over steps', 'Loss over seconds'. */
  title?: string;
}

/** A smooth line is the mean of so many parts of a run, each. */
const PARTS = 50;

/**
 * Draws the losses of several runs: the mean of neighbouring steps as a line, and each step faintly.
 * @throws CredenceError E_DATA if there is no run, E_SHAPE if steps and losses do not go together
 */
export function runCurvesFigure(runs: readonly RunCurve[], options: RunCurvesOptions = {}): Figure {
  const { over = 'steps', title = `Loss over ${over}` } = options;
  if (runs.length === 0) throw new CredenceError('E_DATA', 'figure of runs: there is no run to draw');
  for (const { name, steps, loss } of runs) sameLength(`figure of runs, ${name}`, { steps, loss });
  const smoothed = runs.map(({ loss }) => smooth(loss));
  const axes = runs.map(({ steps, seconds }) =>
    over === 'steps'
      ? Float64Array.from(steps)
      : Float64Array.from(steps, (step) => (step * seconds) / steps[steps.length - 1]!),
  );
  return {
    title,
    description: `Losses of ${runs.length} runs over ${over}: ${runs.map((run, i) => describe(run, smoothed[i]!)).join('; ')}.`,
    data: [
      ...runs.map((run, i) => line(run, axes[i]!, run.loss, i, true)),
      ...runs.map((run, i) => line(run, axes[i]!, smoothed[i]!, i, false)),
    ],
    layout: {
      hovermode: 'closest',
      showlegend: true,
      xaxis: { title: { text: over === 'steps' ? 'step' : 'seconds of work' } },
      yaxis: {
        title: { text: 'loss (nats per datum)' },
        ...scaleOf(smoothed.flatMap((values) => Array.from(values))),
      },
    },
  };
}

/** The mean of each value and its neighbours on both sides, fewer of them near the ends. */
function smooth(values: ArrayLike<number>): Float64Array {
  const reach = Math.floor(values.length / PARTS / 2);
  return Float64Array.from(values, (_, i) => {
    const near = Math.min(reach, i, values.length - 1 - i);
    let sum = 0;
    for (let k = i - near; k <= i + near; k++) sum += values[k]!;
    return sum / (2 * near + 1);
  });
}

function line(
  { name }: RunCurve,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  i: number,
  isRaw: boolean,
): ScatterTrace {
  const indices = downsample(y, MAX_POINTS);
  const { color } = seriesStyle(i);
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    legendgroup: name,
    x: pick(x, indices),
    y: pick(y, indices),
    ...(isRaw
      ? { showlegend: false, line: { color: translucent(color, 0.25), width: 1 }, hoverinfo: 'skip' }
      : { line: { color, width: 2 }, hovertemplate: `${name}: %{y:.4g}` }),
  };
}

function describe({ name, steps, seconds }: RunCurve, losses: Float64Array): string {
  if (losses.length === 0) return `${name}: no step yet`;
  return `${name}: ${readable(losses.at(-1)!)} after ${steps[steps.length - 1]} steps in ${readable(seconds)} s`;
}
