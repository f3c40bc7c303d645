/** What goes on inside of a run while it trains: for who wants to know why it does not learn. */
import * as tf from '@tensorflow/tfjs';
import { layerGroups } from '../figures/layerGroups';
import { gradientFigure, type LayerValues, sigmaFigure } from '../figures/layerHistograms';
import { learningRateFigure } from '../figures/learningRate';
import type { Figure } from '../figures/wire/messages';
import type { Posterior } from '../inference/posterior/posterior';
import { type LearningRate, rateAt } from '../optimizers';
import type { Run } from '../runs/run';
import { normals } from './normals';

/** Points of the curve of the learning rate. */
const POINTS = 200;

/** What is told of a run's training beside its loss. */
export interface Details {
  figures: Figure[];
  /** The rate of the last step, if there is one. */
  learningRate: number | undefined;
}

/** The rates of some steps. */
const ratesAt = (rate: LearningRate, steps: number[]): Float32Array =>
  tf.tidy(() =>
    tf.broadcastTo(rateAt(rate, tf.tensor1d(steps, 'float32')), [steps.length]).dataSync<'float32'>(),
  );

/** The rates of the steps so far, where they are not all the same. */
function ratesOf(rate: LearningRate | undefined, step: number): Figure[] {
  if (rate === undefined || typeof rate === 'number' || step < 2) return [];
  const count = Math.min(POINTS, step);
  const steps = Array.from({ length: count }, (_, i) => Math.round(1 + (i * (step - 1)) / (count - 1)));
  return [learningRateFigure({ steps, rate: ratesAt(rate, steps) })];
}

/** Whether there is something to draw on a logarithmic axis. */
const hasSizes = (layers: readonly LayerValues[]): boolean =>
  layers.some(({ values }) => Array.from(values).some((value) => value !== 0 && Number.isFinite(value)));

function sigmaOf(posterior: Posterior): Figure[] {
  const parameters = normals(posterior);
  if (parameters.length === 0) return [];
  const layers = layerGroups(parameters.map(({ name, mean, std }) => ({ name, size: mean.length, at: std })));
  if (!hasSizes(layers)) return [];
  return [sigmaFigure(layers.map(({ values, ...layer }) => ({ ...layer, std: values })))];
}

const gradientsOf = (layers: readonly LayerValues[]): Figure[] =>
  hasSizes(layers) ? [gradientFigure(layers, { title: 'Gradients, running mean' })] : [];

/** Looks at a run. @param posterior as of the last copy of its state */
export function detailsOf({ plan, step, gradients }: Run, posterior: Posterior): Details {
  const { learningRate: rate } = plan;
  return {
    figures: [...sigmaOf(posterior), ...gradientsOf(gradients), ...ratesOf(rate, step)],
    learningRate: rate === undefined || typeof rate === 'number' ? rate : ratesAt(rate, [step])[0],
  };
}
