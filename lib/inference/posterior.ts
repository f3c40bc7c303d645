import { inspect } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { inputs, type Values } from '../data/dataset';
import type { Kind, Likelihood } from '../distributions/likelihood';
import { backend } from '../engine/tfjs/backend';
import { jit } from '../engine/compile/jit';
import type { TensorFunction } from '../engine/compile/trace';
import { CredenceError } from '../errors';
import { ndarray, type NdArray, type Shape, sizeOf } from '../ndarray';
import { noiseKeys, streamKey } from '../streams';
import { count, validate } from '../validate';
import type { Program } from './method';
import { binary, classification, type Predictions, quantiles, regression } from './prediction';

export interface PredictOptions {
  /** How many draws of the posterior to average. Default 64. */
  samples?: number;
  /** The same seed draws the same functions. Default 0. */
  seed?: number;
}

const options = v.strictObject({ samples: v.optional(count(1), 64), seed: v.optional(count(0), 0) });

/** Draws made by one call, and rows they are made for: what fits the caches. */
const DRAWS_PER_CALL = 16;
const ROWS_PER_CALL = 512;

/** From so many random numbers on (about a second of them), XLA's faster ones are worth the wait for its compiler. */
const WORTH_XLA = 1e8;

/** What `DRAWS_PER_CALL` draws predict, compiled once for all posteriors of a program: ready at once, or fast. */
interface Predictors {
  ready: TensorFunction;
  fast: TensorFunction;
}

const predictors = new WeakMap<Program, Predictors>();

function predictorsOf(program: Program): Predictors {
  let compiled = predictors.get(program);
  if (!compiled) {
    const predict: TensorFunction = (x, keys, ...vectors) => program.predict(vectors, x, keys);
    compiled = { ready: jit(predict, { xla: 'never' }), fast: jit(predict) };
    predictors.set(program, compiled);
  }
  return compiled;
}

/** A model without Bayesian parameters has one draw: all are equal. */
const drawsPerCall = ({ stochastic }: Program): number => (stochastic ? DRAWS_PER_CALL : 1);

/** @param parts what each draw predicts, see `Likelihood.predict` */
function predictionOf({ kind, quantile, levels }: Likelihood, parts: NdArray[]): Predictions[Kind] {
  switch (kind) {
    case 'classification':
      return classification(parts[0]!);
    case 'binary':
      return binary(parts[0]!);
    case 'regression':
      return regression(parts[0]!, parts[1]!, quantile);
    case 'quantiles':
      return quantiles(parts[0]!, levels!);
  }
}

/** What was learned: a distribution over the weights of a model. */
export class Posterior<K extends Kind = Kind> {
  /** The learned arrays by name: '1.dense.kernel.mean', '1.dense.kernel.logStd', ... */
  readonly variables: ReadonlyMap<string, NdArray>;

  constructor(
    private readonly program: Program,
    private readonly likelihood: Likelihood<K>,
    private readonly inputShape: Shape,
    private readonly vectors: readonly Float32Array[],
  ) {
    this.variables = new Map(
      program.variables.map(({ name, shape, vector, offset }) => [
        name,
        ndarray(vectors[vector]!.subarray(offset, offset + sizeOf(shape)), shape),
      ]),
    );
  }

  /**
   * Predicts for new inputs, averaging over draws of the weights.
   * @param x [N, ...inputShape]: an array with a shape, nested lists of numbers, or a tensor
   * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
   */
  predict(x: Values, given: PredictOptions = {}): Predictions[K] {
    const { samples, seed } = validate(options, given, 'predict');
    const input = this.check(inputs(x));
    const parts = this.draw(input, this.program.stochastic ? samples : 1, seed);
    return predictionOf(this.likelihood, parts) as Predictions[K];
  }

  private check(x: NdArray): NdArray {
    const shape = x.shape.slice(1);
    if (shape.join() === this.inputShape.join()) return x;
    throw new CredenceError(
      'E_SHAPE',
      `predict needs x of shape [N, ${this.inputShape.join(', ')}], got [N, ${shape.join(', ')}]`,
    );
  }

  /** What each draw predicts, [samples, N, ...] for each quantity. */
  private draw(x: NdArray, samples: number, seed: number): NdArray[] {
    backend();
    const rows = x.shape[0]!;
    const weights = this.program.vectors.reduce((sum, { length }) => sum + length, 0) / 2;
    const numbers = weights * samples * Math.ceil(rows / ROWS_PER_CALL);
    const { ready, fast } = predictorsOf(this.program);
    const predict = numbers < WORTH_XLA ? ready : fast;
    const width = x.length / rows;
    // every call has the same shape, so that there is one compiled function: the last rows are padded
    const batch = Math.min(rows, ROWS_PER_CALL);
    const results: { values: Float32Array; shape: number[] }[] = [];
    const vectors = this.vectors.map((values) => tf.tensor1d(values));
    const key = streamKey(seed, 'prediction');
    const { streams } = this.program;
    const draws = drawsPerCall(this.program);
    for (let from = 0; from < rows; from += batch) {
      const input = new Float32Array(batch * width);
      input.set(x.subarray(from * width, Math.min(rows, from + batch) * width));
      const chunk = tf.tensor(input, [batch, ...this.inputShape]);
      for (let first = 0; first < samples; first += draws) {
        const noise = noiseKeys(key, 0, { streams, samples: draws, firstSample: first });
        const keys = tf.tensor3d(noise, [streams, draws, 2], 'int32');
        const outputs = [predict(chunk, keys, ...vectors)].flat();
        outputs.forEach((output, i) => {
          const [, , ...rest] = output.shape;
          results[i] ??= {
            values: new Float32Array(samples * rows * sizeOf(rest)),
            shape: [samples, rows, ...rest],
          };
          place(results[i].values, output, { first, from, rows, samples });
        });
        tf.dispose([keys, ...outputs]);
      }
      chunk.dispose();
    }
    tf.dispose(vectors);
    return results.map(({ values, shape }) => ndarray(values, shape));
  }

  /** A posterior prints as the list of what it knows: its arrays would fill the screen. */
  [inspect.custom](): string {
    return this.toString();
  }

  toString(): string {
    const rows = [...this.variables].map(([name, { shape }]) => `  ${name} [${shape.join(', ')}]`);
    return [
      `Posterior (${this.likelihood.name} likelihood, inputs [${this.inputShape.join(', ')}])`,
      ...rows,
    ].join('\n');
  }
}

/** Puts what some draws say of some rows in its place among all draws and rows. */
function place(
  target: Float32Array,
  part: tf.Tensor,
  { first, from, rows, samples }: { first: number; from: number; rows: number; samples: number },
): void {
  const [draws, batch, ...rest] = part.shape as [number, number, ...number[]];
  const size = sizeOf(rest);
  const values = part.dataSync();
  for (let draw = 0; draw < draws && first + draw < samples; draw++) {
    const length = Math.min(batch, rows - from) * size;
    const begin = draw * batch * size;
    target.set(values.subarray(begin, begin + length), ((first + draw) * rows + from) * size);
  }
}
