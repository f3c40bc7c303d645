import type { Dataset } from '../data/dataset';
import type { Kind } from '../distributions/likelihood';
import { type Band, bandFigure } from '../figures/band';
import { reliabilityFigure } from '../figures/reliability';
import type { Figure } from '../figures/wire';
import type { Posterior } from '../inference/posterior';
import type { Regression } from '../inference/prediction';
import { accuracy, ece, nll, reliabilityBins, rmse } from '../metrics';
import { ndarray, type NdArray } from '../ndarray';

/** What a posterior says about some data: figures and a few numbers. */
export interface Evaluation {
  figures: Figure[];
  metrics: Record<string, number>;
}

/** Points of the axis of a one-dimensional regression. */
const GRID = 160;
/** The axis goes beyond the data by this share of its range: that is where uncertainty must grow. */
const BEYOND = 0.2;

interface Watched {
  data: Dataset;
  name: string;
}

/** Evaluates by the kind of problem: calibration of a classifier, bands of a regression. */
export function evaluate(kind: Kind, posterior: Posterior, watched: Watched, samples: number): Evaluation {
  return kind === 'classification'
    ? classifier(posterior as Posterior<'classification'>, watched, samples)
    : regression(posterior as Posterior<'regression'>, watched, samples);
}

function classifier(
  posterior: Posterior<'classification'>,
  { data, name }: Watched,
  samples: number,
): Evaluation {
  const { mean } = posterior.predict(data.x, { samples });
  return {
    figures: [reliabilityFigure(reliabilityBins(mean, data.y), { title: `Calibration on ${name}` })],
    metrics: { accuracy: accuracy(mean, data.y), ece: ece(mean, data.y), 'held-out nll': nll(mean, data.y) },
  };
}

function regression(posterior: Posterior<'regression'>, watched: Watched, samples: number): Evaluation {
  const { x, y } = watched.data;
  const rows = x.shape[0]!;
  const targets = y.length / rows;
  const first = (values: ArrayLike<number>): Float64Array =>
    Float64Array.from({ length: values.length / targets }, (_, i) => values[i * targets]!);
  const band = (axis: ArrayLike<number>, { mean, total, epistemic }: Regression): Band => ({
    x: axis,
    mean: first(mean),
    total: first(total),
    epistemic: first(epistemic),
  });
  const prediction = posterior.predict(x, { samples });
  const metrics = { rmse: rmse(prediction.mean, y) };
  if (x.length !== rows) {
    // many features have no common axis: show row by row
    const axis = Float64Array.from({ length: rows }, (_, i) => i);
    const options = {
      data: { x: axis, y: first(y) },
      title: `Prediction of ${watched.name}`,
      xTitle: 'row',
      yTitle: 'target',
    };
    return { figures: [bandFigure(band(axis, prediction), options)], metrics };
  }
  const axis = gridOver(x);
  const onAxis = band(axis, posterior.predict(axis, { samples }));
  return { figures: [bandFigure(onAxis, { data: { x, y: first(y) } })], metrics };
}

/** [GRID, 1]: evenly spaced over the data and a little beyond. */
function gridOver(x: NdArray): NdArray {
  const [low, high] = [x.reduce((a, b) => Math.min(a, b)), x.reduce((a, b) => Math.max(a, b))];
  const margin = BEYOND * (high - low || 1);
  const at = (i: number): number => low - margin + ((high - low + 2 * margin) * i) / (GRID - 1);
  return ndarray(
    Float32Array.from({ length: GRID }, (_, i) => at(i)),
    [GRID, 1],
  );
}
