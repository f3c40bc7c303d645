/** Made-up but realistic results, the same in every run: what the figure and browser tests draw. */
import { bandFigure } from '../../lib/figures/band';
import { imagesFigure } from '../../lib/figures/images';
import { lossFigure, type LossHistory } from '../../lib/figures/loss';
import { reliabilityFigure } from '../../lib/figures/reliability';
import { speedupFigure } from '../../lib/figures/scaling/speedup';
import type { Figure, Progress } from '../../lib/figures/wire/messages';
import type { ReliabilityBin } from '../../lib/metrics/calibration';
import { ndarray, type NdArray } from '../../lib/ndarray';
import { normal, uniforms } from './random';
import { scalingExamples } from './scalingExamples';
import { viewExamples } from './viewExamples';

export { uniforms };

/** A noisy decay, as training losses are. */
export function lossHistory(length: number): LossHistory {
  const uniform = uniforms(1);
  const steps = Array.from({ length }, (_, i) => i + 1);
  const nll = steps.map(
    (step) => (0.08 + 2.3 * Math.exp(-step / (length / 8))) * (1 + 0.15 * normal(uniform)),
  );
  const kl = steps.map((step) => 1.6 - 1.1 * (1 - Math.exp(-step / (length / 3))));
  const loss = nll.map((value, i) => value + kl[i]!);
  const held = steps.filter((step) => step % Math.ceil(length / 10) === 0);
  return {
    steps,
    loss,
    nll,
    kl,
    validation: { steps: held, nll: held.map((step) => 0.11 + 2.2 * Math.exp(-step / (length / 8))) },
  };
}

/** A regression with a hole in the data, where the epistemic part grows. */
export function bandExample(): Figure {
  const uniform = uniforms(2);
  const truth = (x: number): number => Math.sin(2.2 * x) + 0.3 * x;
  const x = Array.from({ length: 161 }, (_, i) => -4 + i * 0.05);
  const distance = x.map((at) => Math.max(0, Math.abs(at) - 2.6) + Math.max(0, 0.6 - Math.abs(at - 0.3)));
  const epistemic = distance.map((away) => 0.05 + 0.55 * away);
  const noise = x.map((at) => 0.15 + 0.05 * Math.abs(at));
  const data = Array.from({ length: 70 }, () => -2.6 + 5.2 * uniform()).filter(
    (at) => Math.abs(at - 0.3) > 0.6,
  );
  return bandFigure(
    {
      x,
      mean: x.map((at, i) => truth(at) - 0.25 * distance[i]!),
      epistemic,
      total: epistemic.map((value, i) => Math.hypot(value, noise[i]!)),
    },
    {
      data: { x: data, y: data.map((at) => truth(at) + normal(uniform) * (0.15 + 0.05 * Math.abs(at))) },
      truth: { x, y: x.map(truth) },
    },
  );
}

/** Hourly load with a forecast, over dates. */
export function seriesExample(): Figure {
  const uniform = uniforms(5);
  const start = Date.UTC(2018, 5, 20);
  const x = Array.from({ length: 168 }, (_, hour) => start + hour * 3600_000);
  const mean = x.map((_, hour) => 20 + 6 * Math.sin((hour / 24) * 2 * Math.PI) + hour / 60);
  const epistemic = x.map((_, hour) => 0.4 + hour / 120);
  return bandFigure(
    { x, mean, epistemic, total: epistemic.map((value) => Math.hypot(value, 1.1)) },
    {
      time: true,
      title: 'Oil temperature, 7 days ahead',
      yTitle: '°C',
      data: { x: x.slice(0, 72), y: mean.slice(0, 72).map((value) => value + 1.2 * normal(uniform)) },
    },
  );
}

/** An over-confident classifier in ten bins, the lowest of them empty. */
export const reliabilityBins: readonly ReliabilityBin[] = [0, 3, 6, 9, 14, 22, 31, 48, 90, 577].map(
  (count, i) => {
    const confidence = i === 9 ? 0.985 : 0.055 + i * 0.1;
    return {
      lower: i / 10,
      upper: (i + 1) / 10,
      count,
      confidence: count === 0 ? null : confidence,
      accuracy: count === 0 ? null : Math.max(0, confidence - 0.09 + 0.03 * Math.sin(3 * i)),
    };
  },
);

/** Blurred strokes that stand for handwritten digits: [count, 8, 8, 1] in [0, 1]. */
export function digitImages(count: number): NdArray {
  const uniform = uniforms(3);
  const pixels = new Float32Array(count * 64);
  for (let image = 0; image < count; image++) {
    const [tilt, bend] = [uniform() - 0.5, 4 * uniform() - 2];
    for (let i = 0; i < 64; i++) {
      const [row, column] = [Math.floor(i / 8) - 3.5, (i % 8) - 3.5];
      const stroke = column - tilt * row - bend * Math.cos(row);
      pixels[image * 64 + i] = Math.exp(-stroke * stroke) * (Math.abs(row) < 3.6 ? 1 : 0);
    }
  }
  return ndarray(pixels, [count, 8, 8, 1]);
}

export const IMAGE_COUNT = 60;

/** Ten classes; every fourth prediction is wrong. */
export function classified() {
  const uniform = uniforms(4);
  const labels = Int32Array.from({ length: IMAGE_COUNT }, (_, i) => i % 10);
  const probabilities = new Float32Array(IMAGE_COUNT * 10);
  const epistemic = Float32Array.from({ length: IMAGE_COUNT }, () => 0.6 * uniform() ** 2);
  for (let i = 0; i < IMAGE_COUNT; i++) {
    const predicted = i % 4 === 0 ? (labels[i]! + 5) % 10 : labels[i]!;
    const confidence = 0.4 + 0.59 * uniform();
    for (let k = 0; k < 10; k++) {
      probabilities[i * 10 + k] = k === predicted ? confidence : (1 - confidence) / 9;
    }
  }
  return { labels, probabilities, epistemic };
}

export const speedupExample = (): Figure =>
  speedupFigure([
    { workers: 1, seconds: [8.1, 8.0, 8.4] },
    { workers: 2, seconds: [4.2, 4.3, 4.15] },
    { workers: 3, seconds: [3.0, 3.2, 2.9] },
    { workers: 4, seconds: [2.4, 2.7, 2.35] },
  ]);

export const progress: Progress = {
  id: 'run-1',
  state: 'running',
  step: 412,
  steps: 960,
  epoch: 13,
  epochs: 30,
  elapsed: 7.4,
  eta: 9.8,
  stepsPerSecond: 55.7,
  workers: 2,
  samples: 8,
  message: null,
  metrics: { loss: 0.7312, nll: 0.1043, kl: 0.6269, accuracy: 0.9611, ece: 0.0313 },
};

/** One figure of every kind. */
export const allFigures = (): Figure[] => [
  lossFigure(lossHistory(3000)),
  bandExample(),
  reliabilityFigure(reliabilityBins),
  imagesFigure(digitImages(IMAGE_COUNT), classified(), { select: 'misclassified' }),
  imagesFigure(digitImages(IMAGE_COUNT), classified(), { select: 'uncertain' }),
  speedupExample(),
  seriesExample(),
  ...scalingExamples(),
  ...viewExamples(),
];
