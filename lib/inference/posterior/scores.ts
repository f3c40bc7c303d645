import type { Kind, Likelihood } from '../../distributions/likelihood';
import { accuracy, brier, ece, gaussianNll, mae, picp, pinball, rmse } from '../../metrics';
import { logMeanExp } from '../../metrics/logMeanExp';
import { type NdArray, sizeOf, type TypedArray } from '../../ndarray';
import type { Predictions, Quantiles } from './prediction';

/** How good predictions are, by kind. `nll` is that of the predictive distribution, in nats per datum: less is better. */
export interface Scores {
  /** Share of right classes, Brier score (0 to 2), expected calibration error with 15 bins of equal width. */
  classification: { nll: number; accuracy: number; brier: number; ece: number };
  /** Share of right answers, Brier score as of two classes. */
  binary: { nll: number; accuracy: number; brier: number };
  /** Errors of the mean, in units of the targets; share of the targets in the central interval of 90 %. */
  regression: { nll: number; rmse: number; mae: number; coverage: number };
  /** Pinball loss, averaged over the levels. */
  quantiles: { nll: number; pinball: number };
}

const COVERED = 0.9;

/** -log mean_s exp(l_s), averaged over the data. @param logLikelihood [S, N] */
function mixtureNll(logLikelihood: NdArray): number {
  const [samples, rows] = logLikelihood.shape as [number, number];
  let total = 0;
  for (let i = 0; i < rows; i++) {
    total -= logMeanExp(Float64Array.from({ length: samples }, (_, s) => logLikelihood[s * rows + i]!));
  }
  return total / rows;
}

/** The pinball loss, averaged over the levels. */
export function meanPinball({ levels, mean }: Quantiles, y: ArrayLike<number>): number {
  const ofLevel = (tau: number, l: number): number =>
    pinball(
      mean.filter((_, i) => i % levels.length === l),
      y,
      { tau },
    );
  return levels.reduce((sum, tau, l) => sum + ofLevel(tau, l), 0) / levels.length;
}

/** @param logLikelihood of each datum by each draw, [S, N]: undefined where there is none, since the noise is fitted to the draws */
export function scores(
  prediction: Predictions[Kind],
  { kind }: Likelihood,
  y: NdArray<TypedArray>,
  logLikelihood: NdArray | undefined,
): Scores[Kind] {
  const nll = (): number => mixtureNll(logLikelihood!);
  switch (kind) {
    case 'classification': {
      const { mean } = prediction as Predictions['classification'];
      return { nll: nll(), accuracy: accuracy(mean, y), brier: brier(mean, y), ece: ece(mean, y) };
    }
    case 'binary': {
      const { mean } = prediction as Predictions['binary'];
      const right = mean.reduce((sum, p, i) => sum + (p >= 0.5 === (y[i] === 1) ? 1 : 0), 0);
      const squares = mean.reduce((sum, p, i) => sum + 2 * (p - y[i]!) ** 2, 0);
      return { nll: nll(), accuracy: right / mean.length, brier: squares / mean.length };
    }
    case 'regression': {
      const { mean, total, interval } = prediction as Predictions['regression'];
      const { lower, upper } = interval(COVERED);
      const targets = sizeOf(mean.shape.slice(1));
      return {
        nll: logLikelihood ? nll() : targets * gaussianNll(mean, total, y),
        rmse: rmse(mean, y),
        mae: mae(mean, y),
        coverage: picp(lower, upper, y),
      };
    }
    case 'quantiles':
      return { nll: nll(), pinball: meanPinball(prediction as Predictions['quantiles'], y) };
  }
}
