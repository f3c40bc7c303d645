/** What draws of what was learned say of data, in calls of one size. */
import * as tf from '@tensorflow/tfjs';
import { backend, compiles } from '../../engine/tfjs/backend';
import { jit } from '../../engine/compile/jit';
import { type TensorFunction, type TensorSpec, trace } from '../../engine/compile/trace';
import { ndarray, type NdArray, type Shape, sizeOf, type TypedArray } from '../../ndarray';
import { noiseKeys, streamKey } from '../../streams';
import type { Learned, Program } from '../method';
import type { BySteps } from './bySteps';
import { type Cost, FEW_ROWS, rowsPerCall } from './rowsPerCall';

/** Draws made by one call. */
const DRAWS_PER_CALL = 16;

/** From so many random numbers on (about a second of them), XLA's faster ones are worth the wait for its compiler. */
const WORTH_XLA = 1e8;

/** So few rows go into one call, whatever the model. */
const SURE_TO_FIT = 64;

/** What can be asked of draws: what they predict for x, and how likely they find y given x. */
type Question = 'predict' | 'evaluate';

/** Compiled once for all posteriors of a program: ready at once, or fast. */
interface Compiled {
  ask: TensorFunction;
  ready: TensorFunction;
  fast: TensorFunction;
  /** Of a call, once it is known. */
  cost?: Cost;
}

const functions = new WeakMap<Program, Partial<Record<Question, Compiled>>>();

function compiledFor(program: Program, question: Question): Compiled {
  let own = functions.get(program);
  if (!own) functions.set(program, (own = {}));
  const predict: TensorFunction = (keys, numbers, x, ...learned) =>
    program.predict(learned, x, { keys, numbers });
  const evaluate: TensorFunction = (keys, numbers, x, y, ...learned) =>
    program.evaluate(learned, x, y, { keys, numbers });
  const ask = question === 'predict' ? predict : evaluate;
  return (own[question] ??= { ask, ready: jit(ask, { xla: 'never' }), fast: jit(ask) });
}

/** The data: x [N, ...], and y [N, ...] where it matters. */
export type Asked = readonly [x: NdArray] | readonly [x: NdArray, y: NdArray<Float32Array | Int32Array>];

const isInt = (values: NdArray<TypedArray>): boolean => values instanceof Int32Array;

/** What a call computes, by the operations of one for a row and of one for two. */
function costOf(
  ask: TensorFunction,
  { streams }: Program,
  learned: Learned,
  asked: Asked,
  draws: number,
): Cost {
  const numbersFor = (rows: number): number => {
    const data = asked.map((values): TensorSpec => ({
      shape: [rows, ...values.shape.slice(1)],
      dtype: isInt(values) ? 'int32' : 'float32',
    }));
    const specs: TensorSpec[] = [
      { shape: [streams, draws, 2], dtype: 'int32' },
      { shape: [draws], dtype: 'int32' },
      ...data,
      ...learned.vectors.map(({ length }): TensorSpec => ({ shape: [length], dtype: 'float32' })),
    ];
    return trace(ask, specs, { xla: 'never' }).elements;
  };
  const [one, two] = [numbersFor(1), numbersFor(2)];
  return { draws: 2 * one - two, row: two - one };
}

/** Some rows of an array as a tensor of `batch` rows, filled up with zeros. */
function chunk(values: NdArray<TypedArray>, from: number, batch: number): tf.Tensor {
  const [rows, ...shape] = values.shape as [number, ...number[]];
  const width = sizeOf(shape);
  const part = new (isInt(values) ? Int32Array : Float32Array)(batch * width);
  part.set(values.subarray(from * width, Math.min(rows, from + batch) * width));
  return tf.tensor(part, [batch, ...shape], isInt(values) ? 'int32' : 'float32');
}

/** Rows of a call. @param cost of the first one */
function batchOf(rows: number, compiled: Compiled, cost: () => Cost): number {
  if (rows <= SURE_TO_FIT || !compiles()) return Math.min(rows, FEW_ROWS);
  return rowsPerCall(rows, (compiled.cost ??= cost()));
}

/**
 * What each of some draws says of each datum, [samples, N, ...] for each quantity: what it predicts for x, and the log likelihood of y.
 * A step is a call.
 * @param samples at most as many draws as there are
 */
export function* drawing(
  program: Program,
  learned: Learned,
  asked: Asked,
  { samples, seed }: { samples: number; seed: number },
): BySteps<NdArray[]> {
  backend();
  const rows = asked[0].shape[0]!;
  const draws = Math.min(DRAWS_PER_CALL, learned.draws);
  const compiled = compiledFor(program, asked.length === 1 ? 'predict' : 'evaluate');
  // every call has the same shape, so that there is one compiled function: the last rows are padded
  const batch = batchOf(rows, compiled, () => costOf(compiled.ask, program, learned, asked, draws));
  const drawnNumbers = program.drawnNumbers * samples * Math.ceil(rows / batch);
  const ask = drawnNumbers < WORTH_XLA ? compiled.ready : compiled.fast;
  const results: { values: Float32Array; shape: number[] }[] = [];
  const vectors = learned.vectors.map((values) => tf.tensor1d(values));
  const key = streamKey(seed, 'prediction');
  const { streams } = program;
  let chunks: tf.Tensor[] = [];
  try {
    for (let from = 0; from < rows; from += batch) {
      chunks = asked.map((values) => chunk(values, from, batch));
      for (let first = 0; first < samples; first += draws) {
        const noise = noiseKeys(key, 0, { streams, samples: draws, firstSample: first });
        const keys = tf.tensor3d(noise, [streams, draws, 2], 'int32');
        const numbers = tf.tensor1d(numbersOf(first, draws, samples, learned.draws), 'int32');
        const outputs = [ask(keys, numbers, ...chunks, ...vectors)].flat();
        outputs.forEach((output, i) => {
          const [, , ...rest] = output.shape;
          results[i] ??= {
            values: new Float32Array(samples * rows * sizeOf(rest)),
            shape: [samples, rows, ...rest],
          };
          place(results[i].values, output, { first, from, rows, samples });
        });
        tf.dispose([keys, numbers, ...outputs]);
        yield;
      }
      tf.dispose(chunks);
    }
  } finally {
    tf.dispose([...chunks, ...vectors]); // also where nobody wants the rest any more
  }
  return results.map(({ values, shape }) => ndarray(values, shape as Shape));
}

/**
 * The numbers of some draws, from the one in place `first` on: where there are finitely many, those of all samples are spread evenly over
 * them.
 */
const numbersOf = (first: number, draws: number, samples: number, all: number): number[] =>
  Array.from({ length: draws }, (_, i) => {
    const place = Math.min(first + i, samples - 1);
    return all === Infinity ? place : Math.floor((place * all) / samples);
  });

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
