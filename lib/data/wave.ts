import * as v from 'valibot';
import { ndarray } from '../ndarray';
import { foldIn, keyOf, normals, uniforms } from '../threefry';
import { count, nonNegative, validate } from '../validate';
import type { Dataset } from './dataset';

/** Options of `data.wave`. */
export interface WaveOptions {
  /** Number of training points, and of test points (default 100). */
  points?: number;
  /** Standard deviation of the noise (default 0.1). */
  noise?: number;
  /** Names the draw: the same seed gives the same points (default 0). */
  seed?: number;
}

/** A one-dimensional regression problem whose answer is known. */
export interface WaveData {
  name: string;
  /** Noisy points [N, 1]. */
  train: Dataset<Float32Array>;
  /** Other noisy points of the same distribution [N, 1]. */
  test: Dataset<Float32Array>;
  /** The true curve without noise, at 241 places from -3 to 3, far beyond the data [241, 1]. */
  curve: Dataset<Float32Array>;
}

/** Where data are: a gap lies between the two stretches. */
const STRETCHES = [
  { from: -2, to: -0.5 },
  { from: 0.75, to: 2 },
] as const;

const truth = (x: number): number => x / 2 + Math.sin(2 * x);

/** Spreads u in (0, 1) evenly over the stretches. */
function place(u: number): number {
  const [left, right] = STRETCHES;
  const x = left.from + u * (left.to - left.from + right.to - right.from);
  return x < left.to ? x : x - left.to + right.from;
}

const columns = (x: Float64Array, y: Float64Array): Dataset<Float32Array> => ({
  x: ndarray(Float32Array.from(x), [x.length, 1]),
  y: ndarray(Float32Array.from(y), [y.length, 1]),
});

const schema = v.strictObject({
  points: v.optional(count(1), 100),
  noise: v.optional(nonNegative(), 0.1),
  seed: v.optional(count(0), 0),
});

/**
 * The classic picture of a Bayesian regression: noisy points of y = x / 2 + sin(2 x) for x in [-2, -0.5] and [0.75, 2],
 * with a gap between and nothing outside, where a good model is unsure. After the toy problem of Blundell et al.,
 * "Weight uncertainty in neural networks", ICML 2015, section 5.2.
 * @throws CredenceError E_OPTION
 */
export function wave(options: WaveOptions = {}): WaveData {
  const { points, noise, seed } = validate(schema, options, 'data.wave');
  const draw = (stream: number): Dataset<Float32Array> => {
    const key = foldIn(keyOf(seed), stream);
    const x = uniforms(foldIn(key, 0), points).map(place);
    const errors = normals(foldIn(key, 1), points);
    return columns(
      x,
      x.map((each, i) => truth(each) + noise * errors[i]!),
    );
  };
  const grid = Float64Array.from({ length: 241 }, (_, i) => -3 + i / 40);
  return { name: 'wave', train: draw(0), test: draw(1), curve: columns(grid, grid.map(truth)) };
}
