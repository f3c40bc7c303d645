import type { Dataset } from '../data/dataset';
import type { Kind } from '../distributions/likelihood';
import { type Band, bandFigure } from '../figures/band';
import { reliabilityFigure } from '../figures/reliability';
import type { Figure } from '../figures/wire/messages';
import type { BySteps } from '../inference/posterior/bySteps';
import type { Posterior } from '../inference/posterior/posterior';
import type { Quantiles, Regression } from '../inference/posterior/prediction';
import { meanPinball } from '../inference/posterior/scores';
import { accuracy, ece, nll, reliabilityBins, rmse } from '../metrics';
import { ndarray, type NdArray } from '../ndarray';
import { quantileBand, regressionBand } from './band';

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
export function* evaluating(
  kind: Kind,
  posterior: Posterior,
  watched: Watched,
  samples: number,
): BySteps<Evaluation> {
  switch (kind) {
    case 'classification':
      return yield* classifier(posterior as Posterior<'classification'>, watched, samples);
    case 'binary':
      return yield* answers(posterior as Posterior<'binary'>, watched, samples);
    case 'regression': {
      const predict = (x: NdArray): BySteps<Regression> =>
        (posterior as Posterior<'regression'>).predicting(x, { samples });
      return yield* bands(watched, predict, regressionBand, ({ mean }, y) => ({ rmse: rmse(mean, y) }));
    }
    case 'quantiles': {
      const predict = (x: NdArray): BySteps<Quantiles> =>
        (posterior as Posterior<'quantiles'>).predicting(x, { samples });
      return yield* bands(watched, predict, quantileBand, (prediction, y) => ({
        pinball: meanPinball(prediction, y),
      }));
    }
  }
}

function* classifier(
  posterior: Posterior<'classification'>,
  { data, name }: Watched,
  samples: number,
): BySteps<Evaluation> {
  const { mean } = yield* posterior.predicting(data.x, { samples });
  return {
    figures: [reliabilityFigure(reliabilityBins(mean, data.y), { title: `Calibration on ${name}` })],
    metrics: { accuracy: accuracy(mean, data.y), ece: ece(mean, data.y), 'held-out nll': nll(mean, data.y) },
  };
}

/** Yes-or-no questions: every answer is one of two classes. */
function* answers(
  posterior: Posterior<'binary'>,
  { data, name }: Watched,
  samples: number,
): BySteps<Evaluation> {
  const { mean } = yield* posterior.predicting(data.x, { samples });
  const both = Float64Array.from({ length: 2 * mean.length }, (_, i) =>
    i % 2 ? mean[i >> 1]! : 1 - mean[i >> 1]!,
  );
  const probabilities = ndarray(both, [mean.length, 2]);
  const { y } = data;
  return {
    figures: [reliabilityFigure(reliabilityBins(probabilities, y), { title: `Calibration on ${name}` })],
    metrics: {
      accuracy: accuracy(probabilities, y),
      ece: ece(probabilities, y),
      'held-out nll': nll(probabilities, y),
    },
  };
}

/** A band over the only input, or over the rows: many features have no common axis. */
function* bands<P>(
  { data: { x, y }, name }: Watched,
  predict: (x: NdArray) => BySteps<P>,
  bandOf: (axis: ArrayLike<number>, prediction: P, target: number) => Band,
  metricsOf: (prediction: P, y: ArrayLike<number>) => Record<string, number>,
): BySteps<Evaluation> {
  const rows = x.shape[0]!;
  const targets = y.length / rows;
  const first = Float64Array.from({ length: rows }, (_, i) => y[i * targets]!);
  const prediction = yield* predict(x);
  const metrics = metricsOf(prediction, y);
  if (x.length !== rows) {
    const axis = Float64Array.from({ length: rows }, (_, i) => i);
    const options = {
      data: { x: axis, y: first },
      title: `Prediction of ${name}`,
      xTitle: 'row',
      yTitle: 'target',
    };
    return { figures: [bandFigure(bandOf(axis, prediction, 0), options)], metrics };
  }
  const axis = gridOver(x);
  const band = bandOf(axis, yield* predict(axis), 0);
  return { figures: [bandFigure(band, { data: { x, y: first } })], metrics };
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
