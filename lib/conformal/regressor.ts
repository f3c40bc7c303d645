import { inspect } from 'node:util';
import * as v from 'valibot';
import { dataset, type Values } from '../data/dataset';
import { CredenceError } from '../errors';
import type { Limits, Quantiles, Regression } from '../inference/posterior/prediction';
import { mpiw, type Numbers, picp } from '../metrics';
import { openLevel } from '../metrics/level';
import { ndarray, type NdArray } from '../ndarray';
import { count, validate } from '../validate';
import type { HeldOut } from './heldOut';
import { fewest, threshold } from './threshold';

/** How far an observation is from its prediction. */
export type RegressionScore = 'absolute' | 'scaled' | 'quantile';

/** Options of `conformalRegressor`. */
export interface ConformalRegressorOptions {
  /** The probability with which an interval is to hold the true value, in (0, 1). Default 0.9. */
  level?: number;
  /**
   * - 'absolute': the error. Intervals of one width; Lei et al., "Distribution-free predictive inference for regression", 2018
   * - 'scaled': the error divided by the predicted standard deviation. Wide where the model is unsure; Lei et al. 2018, section 5.2. The
   *   default for a regression
   * - 'quantile': how far it lies outside of the predicted interval, or, as a negative number, inside. Romano, Patterson and Candes,
   *   "Conformalized quantile regression", NeurIPS 2019. The only one for predicted quantiles
   */
  score?: RegressionScore;
  /** Draws of the posterior for a prediction. Default 64. */
  samples?: number;
  /** Of the draws. Default 0. */
  seed?: number;
}

const schema = v.strictObject({
  level: v.optional(openLevel, 0.9),
  score: v.optional(
    v.picklist(['absolute', 'scaled', 'quantile'], "must be 'absolute', 'scaled' or 'quantile'"),
  ),
  samples: v.optional(count(1), 64),
  seed: v.optional(count(0), 0),
});

/** What a conformal regression says of N inputs. */
export interface ConformalIntervals<P> extends Limits {
  /** What the posterior predicts. */
  prediction: P;
}

/** How the intervals do on data that were used neither for training nor for the thresholds. */
export interface IntervalEvaluation {
  /** The share of values in their intervals. */
  coverage: number;
  /** The mean width of an interval, in the units of the targets. */
  width: number;
}

/** An interval before it is made to keep its promise: the ends are moved outwards by a threshold times `unit`. [N, D] each. */
interface Draft extends Limits {
  unit: NdArray<Float64Array>;
}

/** Intervals that hold the true value with a given probability, whatever the posterior is worth. Made by `conformal`. */
export class ConformalRegressor<P extends Regression | Quantiles = Regression | Quantiles> {
  readonly level: number;
  readonly score: RegressionScore;
  /** [D]: for each target, how far the ends are moved outwards: in units of it, or of the predicted standard deviation if 'scaled'. */
  readonly thresholds: Float64Array;
  /** How many calibration data they were found on. */
  readonly count: number;

  /** @param calibration what is predicted for the calibration data, and the truth */
  constructor(
    private readonly posterior: (x: Values) => P,
    calibration: { prediction: P; y: Numbers },
    given: ConformalRegressorOptions,
  ) {
    const { level, score } = validate(schema, given, 'conformal');
    const { prediction, y } = calibration;
    this.level = level;
    this.score = scoreFor(prediction, score);
    const { lower, upper, unit } = draft(prediction, this.score, level);
    check(y, unit);
    const [rows, size] = unit.shape as [number, number];
    this.count = rows;
    const scores = unit.map((each, i) => Math.max(lower[i]! - y[i]!, y[i]! - upper[i]!) / each);
    const ofTarget = (d: number): Float64Array => scores.filter((_, i) => i % size === d);
    this.thresholds = Float64Array.from({ length: size }, (_, d) => threshold(ofTarget(d), level));
  }

  /**
   * The intervals of new inputs.
   * @param x [N, ...inputShape]
   */
  predict(x: Values): ConformalIntervals<P> {
    const prediction = this.posterior(x);
    const { lower, upper, unit } = draft(prediction, this.score, this.level);
    const move = (i: number): number => this.thresholds[i % this.thresholds.length]! * unit[i]!;
    // an interval that is far too wide everywhere may be narrowed to less than nothing: its middle is left
    const middle = (i: number): number => (lower[i]! + upper[i]!) / 2;
    return {
      lower: ndarray(
        lower.map((end, i) => Math.min(end - move(i), middle(i))),
        lower.shape,
      ),
      upper: ndarray(
        upper.map((end, i) => Math.max(end + move(i), middle(i))),
        upper.shape,
      ),
      prediction,
    };
  }

  /** Whether the promise is kept, and how wide the intervals are, on data that were used for nothing yet. */
  evaluate(data: HeldOut): IntervalEvaluation {
    const { x, y } = dataset(data.x, data.y);
    const { lower, upper } = this.predict(x);
    check(y, lower);
    if (this.thresholds.includes(Infinity)) return { coverage: 1, width: Infinity };
    return { coverage: picp(lower, upper, y), width: mpiw(lower, upper) };
  }

  toString(): string {
    const few = this.thresholds.includes(Infinity)
      ? `\n  too few for level ${this.level}, which needs at least ${fewest(this.level)}: the intervals are infinite`
      : '';
    return `ConformalRegressor (level ${this.level}, score '${this.score}', calibration data: ${this.count})${few}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

const isQuantiles = (prediction: Regression | Quantiles): prediction is Quantiles => 'levels' in prediction;

/** @throws CredenceError E_OPTION */
function scoreFor(prediction: Regression | Quantiles, score: RegressionScore | undefined): RegressionScore {
  if (!isQuantiles(prediction)) return score ?? 'scaled';
  if (score === undefined || score === 'quantile') return 'quantile';
  throw new CredenceError(
    'E_OPTION',
    `conformal: option 'score' must be 'quantile' for predicted quantiles, which have no mean, got '${score}'`,
  );
}

function draft(prediction: Regression | Quantiles, score: RegressionScore, level: number): Draft {
  if (isQuantiles(prediction)) return between(prediction, level);
  const { mean, total } = prediction;
  const ones = ndarray(new Float64Array(mean.length).fill(1), mean.shape);
  if (score === 'quantile') return { ...prediction.interval(level), unit: ones };
  const center = ndarray(Float64Array.from(mean), mean.shape);
  if (score === 'absolute') return { lower: center, upper: center, unit: ones };
  const sure = total.findIndex((std) => !(std > 0));
  if (sure === -1) return { lower: center, upper: center, unit: total };
  throw new CredenceError(
    'E_DATA',
    `conformal: the predicted standard deviation total[${sure}] is ${total[sure]}, errors cannot be divided by it. Use { score: 'absolute' }`,
  );
}

/** The quantiles nearest to the ends of the interval that is wanted. @throws CredenceError E_OPTION */
function between({ levels, mean }: Quantiles, level: number): Draft {
  const nearest = (wanted: number): number =>
    levels.reduce(
      (best, each, l) => (Math.abs(each - wanted) < Math.abs(levels[best]! - wanted) ? l : best),
      0,
    );
  const [low, high] = [nearest((1 - level) / 2), nearest((1 + level) / 2)];
  if (low === high) {
    throw new CredenceError(
      'E_OPTION',
      `conformal needs two quantiles, about ${(1 - level) / 2} and ${(1 + level) / 2}, the model predicts ${levels.join(', ')}`,
    );
  }
  const rows = mean.shape[0]!;
  const column = (l: number): NdArray<Float64Array> =>
    ndarray(
      Float64Array.from({ length: rows }, (_, i) => mean[i * levels.length + l]!),
      [rows, 1],
    );
  const unit = ndarray(new Float64Array(rows).fill(1), [rows, 1]);
  return { lower: column(low), upper: column(high), unit };
}

/** @throws CredenceError E_SHAPE */
function check(y: Numbers, { shape, length }: NdArray<Float64Array>): void {
  if (y.length === length) return;
  throw new CredenceError(
    'E_SHAPE',
    `conformal: y has ${y.length} values, but the predictions have shape [${shape.join(', ')}]`,
  );
}
