import { inspect } from 'node:util';
import * as v from 'valibot';
import { dataset, type Values } from '../data/dataset';
import { CredenceError } from '../errors';
import type { Binary, Classification } from '../inference/posterior/prediction';
import type { Numbers } from '../metrics';
import { checkLabels } from '../metrics/input';
import { openLevel } from '../metrics/level';
import { ndarray, type NdArray } from '../ndarray';
import { foldIn, keyOf, uniforms } from '../threefry';
import { count, nonNegative, validate } from '../validate';
import { byProbability, type ClassScore, classScores } from './classScores';
import type { HeldOut } from './heldOut';
import { fewest, threshold } from './threshold';

/** Options of `conformalClassifier`. */
export interface ConformalClassifierOptions {
  /** The probability with which a set is to hold the true class, in (0, 1). Default 0.9. */
  level?: number;
  /** 'lac': small sets; 'aps' (default): larger where the model is unsure; 'raps': the same without the least probable classes. */
  score?: ClassScore;
  /** Whether the level is to hold for each class, not on the mean over classes alone: each gets a threshold of its own. Default false. */
  perClass?: boolean;
  /** Of 'raps': what each class beyond the first `kReg` adds to the score. Default 0.1. */
  lambda?: number;
  /** Of 'raps': how many classes are free. Default 1. */
  kReg?: number;
  /** Draws of the posterior for a prediction. Default 64. */
  samples?: number;
  /** Of the draws, and of the random share of 'aps' and 'raps'. Default 0. */
  seed?: number;
}

const schema = v.strictObject({
  level: v.optional(openLevel, 0.9),
  score: v.optional(v.picklist(['lac', 'aps', 'raps'], "must be 'lac', 'aps' or 'raps'"), 'aps'),
  perClass: v.optional(v.boolean('must be true or false'), false),
  lambda: v.optional(nonNegative(), 0.1),
  kReg: v.optional(count(0), 1),
  samples: v.optional(count(1), 64),
  seed: v.optional(count(0), 0),
});

/** What a conformal classifier says of N inputs. */
export interface ConformalSets<P> {
  /** [N]: the classes that each may be, the most probable first. An empty set is unlike all that the thresholds were found on. */
  sets: number[][];
  /** What the posterior predicts. */
  prediction: P;
}

/** How the sets do on data that were used neither for training nor for the thresholds. */
export interface SetEvaluation {
  /** The share of data whose set holds the true class. */
  coverage: number;
  /** [C]: the same for the data of each class; NaN where there are none. */
  classCoverage: Float64Array;
  /** The mean number of classes in a set. */
  size: number;
}

/** The random shares of calibration data are others than those of new ones. */
const [CALIBRATION, PREDICTION] = [0, 1];

/** Sets of classes that hold the true one with a given probability, whatever the posterior is worth. Made by `conformal`. */
export class ConformalClassifier<P extends Classification | Binary = Classification> {
  readonly level: number;
  readonly score: ClassScore;
  /** [C]: the largest score of a class that is in the set; all equal unless `perClass`. */
  readonly thresholds: Float64Array;
  /** How many calibration data each threshold was found on, [C]. */
  readonly counts: Int32Array;
  private readonly options: v.InferOutput<typeof schema>;

  /** @param calibration what is predicted for the calibration data, and their labels */
  constructor(
    private readonly posterior: (x: Values) => P,
    calibration: { prediction: P; y: Numbers },
    given: ConformalClassifierOptions,
  ) {
    const options = validate(schema, given, 'conformal');
    this.options = options;
    this.level = options.level;
    this.score = options.score;
    const probs = probabilities(calibration.prediction);
    const classes = probs.shape[1]!;
    const labels = labelsOf(calibration.y, classes);
    const all = this.scores(probs, CALIBRATION);
    const scores = Float64Array.from(labels, (label, i) => all[i * classes + label]!);
    const groups = Array.from({ length: classes }, (_, k) =>
      options.perClass ? scores.filter((_, i) => labels[i] === k) : scores,
    );
    this.thresholds = Float64Array.from(groups, (group) => threshold(group, options.level));
    this.counts = Int32Array.from(groups, (group) => group.length);
  }

  /**
   * The sets of new inputs.
   * @param x [N, ...inputShape]
   */
  predict(x: Values): ConformalSets<P> {
    const prediction = this.posterior(x);
    const probs = probabilities(prediction);
    const [rows, classes] = probs.shape as [number, number];
    const scores = this.scores(probs, PREDICTION);
    const sets = Array.from({ length: rows }, (_, i) =>
      byProbability(probs.subarray(i * classes, (i + 1) * classes)).filter(
        (k) => scores[i * classes + k]! <= this.thresholds[k]!,
      ),
    );
    return { sets, prediction };
  }

  /** Whether the promise is kept, and how large the sets are, on data that were used for nothing yet. */
  evaluate(data: HeldOut): SetEvaluation {
    const { x, y } = dataset(data.x, data.y);
    const { sets } = this.predict(x);
    const labels = labelsOf(y, this.thresholds.length);
    const holds = sets.map((set, i) => Number(set.includes(labels[i]!)));
    const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    return {
      coverage: mean(holds),
      classCoverage: this.thresholds.map((_, k) => mean(holds.filter((_, i) => labels[i] === k))),
      size: mean(sets.map((set) => set.length)),
    };
  }

  /** [N, C] */
  private scores(probs: NdArray, purpose: number): Float64Array {
    const [rows, classes] = probs.shape as [number, number];
    const shares = uniforms(foldIn(keyOf(this.options.seed), purpose), rows);
    const scores = new Float64Array(probs.length);
    for (let i = 0; i < rows; i++) {
      const row = probs.subarray(i * classes, (i + 1) * classes);
      scores.set(classScores(row, shares[i]!, this.options), i * classes);
    }
    return scores;
  }

  toString(): string {
    const data = this.options.perClass ? `${[...this.counts].join(', ')} for each class` : this.counts[0];
    const lacking = this.counts.filter((_, k) => this.thresholds[k] === Infinity);
    const classes = this.options.perClass
      ? 'classes that have fewer are in every set'
      : 'every set has all classes';
    const few =
      lacking.length > 0
        ? `\n  too few for level ${this.level}, which needs at least ${fewest(this.level)}: ${classes}`
        : '';
    return `ConformalClassifier (level ${this.level}, score '${this.score}', calibration data: ${data})${few}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** [N, C]; a question of yes or no has two classes. @throws CredenceError E_SHAPE */
function probabilities({ mean, total }: Classification | Binary): NdArray {
  if (total.shape.length === 1) return mean;
  const [rows, questions] = mean.shape as [number, number];
  if (questions > 1) {
    throw new CredenceError(
      'E_SHAPE',
      `conformal takes one question of yes or no, the model answers ${questions}: fit one model for each`,
    );
  }
  const both = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 ? mean[i >> 1]! : 1 - mean[i >> 1]!));
  return ndarray(both, [rows, 2]);
}

/** @throws CredenceError E_DATA */
function labelsOf(y: Numbers, classes: number): Int32Array {
  checkLabels('conformal', 'y', y, classes);
  return Int32Array.from(y);
}
