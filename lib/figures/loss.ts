import { sameLength } from './check';
import { downsample, MAX_POINTS } from './downsample';
import { extent, pick, readable } from './numbers';
import { palette, type Hex } from './palette';
import type { AxisLayout, ScatterTrace } from './wire/plotly';
import type { Figure } from './wire/messages';

/** The training loss over the steps: the negative ELBO per datum and its two parts, loss = nll + kl. All arrays are [T]. */
export interface LossHistory {
  steps: ArrayLike<number>;
  loss: ArrayLike<number>;
  /** Negative log likelihood per datum, averaged over weight samples (nats). */
  nll: ArrayLike<number>;
  /** KL divergence of the posterior from the prior, divided by the number of data (nats). */
  kl: ArrayLike<number>;
  /** Negative log likelihood of held-out data at some of the steps. */
  validation?: { steps: ArrayLike<number>; nll: ArrayLike<number> };
}

/** From this ratio of largest to smallest value on, a linear axis would flatten the small ones to a line at zero. */
const WIDE = 50;

/**
 * Draws how training went. The y axis is logarithmic where the values are positive and span a wide range; NaN and
 * infinite values (a run that diverges) are gaps.
 * @throws CredenceError E_SHAPE if the arrays do not have the same length
 */
export function lossFigure(history: LossHistory): Figure {
  const { steps, loss, nll, kl, validation } = history;
  sameLength('loss figure', { steps, loss, nll, kl });
  const data = [
    curve('loss', palette.blue, steps, loss, { width: 2 }),
    curve('negative log likelihood', palette.orange, steps, nll, { width: 1.5 }),
    curve('KL / N', palette.purple, steps, kl, { width: 1.5, dash: 'dash' }),
  ];
  if (validation) {
    sameLength('loss figure, validation', validation);
    data.push({
      ...curve('validation', palette.green, validation.steps, validation.nll, { width: 1 }),
      mode: 'lines+markers',
      marker: { size: 6, color: palette.green },
    });
  }
  return {
    title: 'Training loss',
    description: describeLoss(history),
    data,
    layout: {
      xaxis: { title: { text: 'step' } },
      yaxis: {
        title: { text: 'nats per datum' },
        ...scaleOf(data.flatMap(({ y }) => y.filter((value) => typeof value === 'number'))),
      },
      hovermode: 'x unified',
    },
  };
}

function curve(
  name: string,
  color: Hex,
  steps: ArrayLike<number>,
  values: ArrayLike<number>,
  line: ScatterTrace['line'],
): ScatterTrace {
  const indices = downsample(values, MAX_POINTS);
  return {
    type: 'scatter',
    mode: 'lines',
    name,
    x: pick(steps, indices),
    y: pick(values, indices),
    line: { color, ...line },
    hovertemplate: `${name} %{y:.4g}`,
  };
}

/** The scale of an axis of losses: logarithmic where they are positive and span a wide range. */
export function scaleOf(losses: Iterable<number>): Pick<AxisLayout, 'type' | 'tickformat' | 'nticks'> {
  const range = extent(losses);
  const isWide = range !== undefined && range[0] > 0 && range[1] > WIDE * range[0];
  // Left alone, Plotly labels most ticks of a log axis by their leading digit only.
  return isWide ? { type: 'log', tickformat: '~g', nticks: 5 } : { type: 'linear' };
}

function describeLoss({ steps, loss, nll, kl, validation }: LossHistory): string {
  const last = loss.length - 1;
  if (last < 0) return 'Training loss over the steps; no step is done yet.';
  const held =
    validation && validation.nll.length > 0 ? validation.nll[validation.nll.length - 1] : undefined;
  return (
    `Training loss over ${steps[last]} steps, from ${readable(loss[0]!)} to ${readable(loss[last]!)} nats per datum: ` +
    `negative log likelihood ${readable(nll[last]!)}, KL divergence per datum ${readable(kl[last]!)}` +
    `${held === undefined ? '' : `, negative log likelihood of the validation data ${readable(held)}`}.`
  );
}
