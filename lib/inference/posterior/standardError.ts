import { inspect } from 'node:util';
import * as v from 'valibot';
import { CredenceError } from '../../errors';
import type { Numbers } from '../../metrics';
import { ndarray, type NdArray, type Shape } from '../../ndarray';
import { foldIn, keyOf, uniforms } from '../../threefry';
import { count, positive, validate } from '../../validate';

/** A prediction, of any kind: it averages over draws, and can be made again by some of them. */
export interface Drawn<P> {
  readonly samples: NdArray;
  /** The same prediction from these draws only, each as often as it is listed. */
  take(draws: ArrayLike<number>): P;
}

/** Options of `standardError`. */
export interface StandardErrorOptions {
  /** How many times the draws are drawn again: the answer is right to 1 / sqrt(2 resamples) of itself. Default 100: to 7 %. */
  resamples?: number;
  /** The same seed gives the same answer. Default 0. */
  seed?: number;
}

const entries = { resamples: v.optional(count(2), 100), seed: v.optional(count(0), 0) };

/** The standard deviation of each number of a figure over predictions by S draws that are drawn with replacement from the S there are. */
function bootstrap<P extends Drawn<P>>(
  what: string,
  prediction: P,
  figure: (prediction: P) => number | Numbers,
  { resamples, seed }: Required<StandardErrorOptions>,
): NdArray<Float64Array> {
  const samples = prediction.samples.shape[0]!;
  if (samples < 2) {
    throw new CredenceError(
      'E_DATA',
      `${what}: a prediction by ${samples} draw does not tell how draws differ, at least 2 are needed: predict(x, { samples: 64 }). A model without Bayesian parameters has one draw only, and no such error`,
    );
  }
  let mean: Float64Array | undefined;
  let m2: Float64Array | undefined;
  let shape: Shape = [];
  for (let r = 0; r < resamples; r++) {
    const draws = uniforms(foldIn(keyOf(seed), r), samples).map((u) => Math.floor(u * samples));
    const value = figure(prediction.take(draws));
    const values = typeof value === 'number' ? [value] : value;
    if (typeof value !== 'number') shape = value.shape ?? [value.length];
    mean ??= new Float64Array(values.length);
    m2 ??= new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) {
        throw new CredenceError(
          'E_DATA',
          `${what}: by some of the draws the figure is ${values[i]}, which has no standard error. Of a probability of 0? metrics.nll takes { clip }`,
        );
      }
      const delta = values[i]! - mean[i]!;
      mean[i]! += delta / (r + 1);
      m2[i]! += delta * (values[i]! - mean[i]!);
    }
  }
  // draws from S draws vary by (S - 1) / S of what new draws would
  const scale = samples / (samples - 1) / (resamples - 1);
  return ndarray(
    m2!.map((each) => Math.sqrt(each * scale)),
    shape,
  );
}

/**
 * How far a figure of a prediction would typically be off because it averages over finitely many draws of the posterior: its Monte Carlo
 * standard error. It falls with the square root of the number of draws, and says nothing of how good the posterior is. The figure may be
 * any that a prediction gives or a score of it: `(p) => p.mean`, `(p) => p.quantile(0.9)`, `(p) => metrics.nll(p.mean, y)`.
 *
 * The bootstrap over draws: Efron, "Bootstrap methods: another look at the jackknife", 1979. It takes the draws for independent ones; for
 * those of a Markov chain, which are correlated, the error is larger (`metrics.mcse`).
 * @param figure what to compute of a prediction: a number, or an array
 * @returns one standard error for each number of the figure
 * @throws CredenceError E_DATA for a prediction by a single draw, E_OPTION
 */
export function standardError<P extends Drawn<P>>(
  prediction: P,
  figure: (prediction: P) => number,
  options?: StandardErrorOptions,
): number;
export function standardError<P extends Drawn<P>>(
  prediction: P,
  figure: (prediction: P) => Numbers,
  options?: StandardErrorOptions,
): NdArray<Float64Array>;
export function standardError<P extends Drawn<P>>(
  prediction: P,
  figure: (prediction: P) => number | Numbers,
  options: StandardErrorOptions = {},
): number | NdArray<Float64Array> {
  const what = 'standardError';
  const errors = bootstrap(what, prediction, figure, validate(v.strictObject(entries), options, what));
  return errors.shape.length === 0 ? errors[0]! : errors;
}

/** Whether there are enough draws; it prints as a sentence. */
export class EnoughSamples {
  /** About how many draws have the standard error that is wanted: it falls with the square root of their number. */
  readonly needed: number;

  constructor(
    /** S, the draws there are. */
    readonly samples: number,
    /** The standard error with them; of an array, the largest. */
    readonly standardError: number,
    /** The standard error that is wanted. */
    readonly within: number,
  ) {
    this.needed = Math.ceil(samples * (standardError / within) ** 2);
  }

  toString(): string {
    const about = `about ${Number(this.needed.toPrecision(2))}`;
    const given = `${this.samples} draws give it to ±${this.standardError.toPrecision(2)}`;
    return this.needed > this.samples
      ? `${given}; for ±${this.within} draw ${about}`
      : `${given}: enough for ±${this.within}, which needs ${about}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/**
 * How many draws of the posterior a figure needs to be known to `within`, judged from those there are.
 * @param figure what to compute of a prediction: a number, or an array, of which the worst number counts
 * @param options.within the standard error that is wanted, in the units of the figure
 * @throws CredenceError E_DATA for a prediction by a single draw, E_OPTION
 */
export function enoughSamples<P extends Drawn<P>>(
  prediction: P,
  figure: (prediction: P) => number | Numbers,
  options: StandardErrorOptions & { within: number },
): EnoughSamples {
  const what = 'enoughSamples';
  const { within, ...rest } = validate(v.strictObject({ within: positive(), ...entries }), options, what);
  const errors = bootstrap(what, prediction, figure, rest);
  return new EnoughSamples(
    prediction.samples.shape[0]!,
    errors.reduce((a, b) => Math.max(a, b)),
    within,
  );
}
