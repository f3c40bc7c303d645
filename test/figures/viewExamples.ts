/** Made-up but realistic results for the views of a posterior, the same in every run. */
import { bandFigure } from '../../lib/figures/band';
import { calibrationCurveFigure } from '../../lib/figures/calibrationCurve';
import { chainRanksFigure } from '../../lib/figures/chainRanks';
import { chainTracesFigure } from '../../lib/figures/chainTraces';
import { gradientFigure, sigmaFigure, signalToNoiseFigure } from '../../lib/figures/layerHistograms';
import { learningRateFigure } from '../../lib/figures/learningRate';
import { mapFigure } from '../../lib/figures/map';
import { pitFigure } from '../../lib/figures/pit';
import { pruningFigure } from '../../lib/figures/pruning';
import { riskCoverageFigure } from '../../lib/figures/riskCoverage';
import { runCurvesFigure } from '../../lib/figures/runCurves';
import { separationFigure } from '../../lib/figures/separation';
import { tableFigure } from '../../lib/figures/table';
import type { Figure } from '../../lib/figures/wire/messages';
import { workersFigure } from '../../lib/figures/workers';
import { calibrationCurve } from '../../lib/metrics';
import { ndarray, type NdArray } from '../../lib/ndarray';
import { normal, uniforms } from './random';

const normals = (count: number, seed: number): Float64Array => {
  const uniform = uniforms(seed);
  return Float64Array.from({ length: count }, () => normal(uniform));
};

/** Observations lie nearer to the middle than predictions say. */
const pit = normals(600, 11).map((value) => 1 / (1 + Math.exp(-1.1 * value)));

/** Chains of an autoregressive process; each has a mean of its own. @returns [chains, draws] */
export function chainDraws(means: readonly number[], length: number): NdArray {
  const values = means.flatMap((mean, chain) => {
    const noise = normals(length, 20 + chain);
    let at = 0;
    return Array.from(noise, (each) => mean + (at = 0.5 * at + each));
  });
  return ndarray(Float32Array.from(values), [means.length, length]);
}

const layers = ['0.dense.kernel', '0.dense.bias', '1.dense.kernel'].map((name, layer) => {
  const [means, spreads] = [normals(2000, 30 + layer), normals(2000, 40 + layer)];
  const std = spreads.map((value) => 0.05 * (1 + layer) * Math.exp(0.3 * value));
  return { name, mean: means.map((value, i) => value * (i % 3 === 0 ? 0.4 : 0.02)), std };
});

/** A wave over half of the globe, with land where there is no value. */
export const globe = {
  x: Array.from({ length: 36 }, (_, i) => 5 * i - 90),
  y: Array.from({ length: 19 }, (_, i) => 90 - 10 * i),
};
export const field = (of: (longitude: number, latitude: number) => number): Float64Array =>
  Float64Array.from({ length: globe.x.length * globe.y.length }, (_, i) =>
    of(globe.x[i % globe.x.length]!, globe.y[Math.floor(i / globe.x.length)]!),
  );

function curveOf(name: string, seed: number, speed: number) {
  const noise = normals(2000, seed);
  const steps = Array.from(noise, (_, i) => i + 1);
  const loss = noise.map((value, i) => (0.3 + 2 * Math.exp(-(i * speed) / 400)) * (1 + 0.08 * value));
  return { name, steps, loss, seconds: 12 / speed };
}

/** Hours of a week ahead, with both parts of the uncertainty apart. */
function forecast(): Figure {
  const start = Date.UTC(2018, 5, 20);
  const x = Array.from({ length: 168 }, (_, hour) => start + hour * 3600_000);
  const mean = x.map((_, hour) => 20 + 6 * Math.sin((hour / 24) * 2 * Math.PI) + hour / 60);
  const epistemic = x.map((_, hour) => 0.3 + hour / 90);
  const aleatoric = x.map((_, hour) => 1 + 0.4 * Math.sin((hour / 24) * 2 * Math.PI));
  const total = epistemic.map((value, i) => Math.hypot(value, aleatoric[i]!));
  return bandFigure(
    { x, mean, epistemic, total, parts: { aleatoric, epistemic } },
    { time: true, title: 'Oil temperature, both uncertainties apart', yTitle: '°C' },
  );
}

export function viewExamples(): Figure[] {
  const known = normals(400, 12).map((value) => Math.exp(0.7 * value - 2.5));
  const unknown = normals(250, 13).map((value) => Math.exp(0.6 * value - 1.2));
  const unsure = normals(500, 14).map(Math.abs);
  const wrong = normals(500, 15).map((value, i) => Number(Math.abs(value) < 0.55 * unsure[i]! ** 2));
  const rates = Array.from(
    { length: 1000 },
    (_, i) => 1e-2 * (i < 100 ? i / 100 : 0.5 * (1 + Math.cos((Math.PI * i) / 1000))),
  );
  const runs = [curveOf('vi, 1 sample', 50, 1), curveOf('vi, 8 samples', 51, 1.6), curveOf('laplace', 52, 4)];
  return [
    pitFigure(pit),
    calibrationCurveFigure(calibrationCurve(pit, { points: 21 })),
    separationFigure(known, unknown, { score: 'epistemic uncertainty (nats)', names: ['digits', 'letters'] }),
    riskCoverageFigure(
      unsure.map((value) => -value),
      wrong,
      { error: 'error rate' },
    ),
    signalToNoiseFigure(layers),
    sigmaFigure(layers),
    gradientFigure(layers.map(({ name, mean }) => ({ name, values: mean }))),
    pruningFigure(
      { removed: [0, 0.5, 0.75, 0.9, 0.95, 0.98], score: [0.962, 0.962, 0.961, 0.955, 0.93, 0.71] },
      { score: 'accuracy' },
    ),
    mapFigure(
      globe,
      field((x, y) => 280 - (y * y) / 120 + 6 * Math.sin(x / 15)),
      { title: 'Mean temperature', unit: 'K' },
    ),
    mapFigure(
      globe,
      field((x, y) => (Math.hypot(x - 30, y - 10) < 25 ? NaN : 0.4 + Math.abs(y) / 60)),
      {
        title: 'Epistemic part of it',
        unit: 'K',
      },
    ),
    forecast(),
    chainTracesFigure(chainDraws([0, 0.1, -0.1, 0], 800), { name: '0.dense.kernel[3]' }),
    chainRanksFigure(chainDraws([0, 0.1, -0.1, 0], 800), { name: '0.dense.kernel[3]' }),
    runCurvesFigure(runs),
    runCurvesFigure(runs, { over: 'seconds' }),
    tableFigure('How they ended', [
      ['run', 'state', 'steps', 'loss', 'best', 'seconds', 'steps/s'],
      ['vi, 1 sample', 'done', '2000', '0.3121', '0.2987', '12', '167'],
      ['laplace', 'stopped', '2000', '0.2991', '0.2875', '3', '667'],
    ]),
    learningRateFigure({ steps: rates.map((_, i) => i + 1), rate: rates }),
    workersFigure([
      { name: 'worker 0', compute: 8.2, exchange: 0.9, wait: 0.4, stepsPerSecond: 41 },
      { name: 'worker 1', compute: 7.1, exchange: 0.9, wait: 1.5, stepsPerSecond: 41 },
      { name: 'worker 2', compute: 9.1, exchange: 0.4, wait: 0, stepsPerSecond: 41 },
    ]),
  ];
}
