/** What draws of what was learned say of data, in calls of one size. */
import * as tf from '@tensorflow/tfjs';
import { backend } from '../../engine/tfjs/backend';
import { dtypeOf, ndarray, type NdArray, type Shape, sizeOf, type TypedArray } from '../../ndarray';
import { noiseKeys, streamKey } from '../../streams';
import type { Learned, Program } from '../method';
import type { BySteps } from './bySteps';
import { type Asked, callsFor } from './calls';

/** Some rows of an array as a tensor of `batch` rows, filled up with zeros. */
function chunk(values: NdArray<TypedArray>, from: number, batch: number): tf.Tensor {
  const [rows, ...shape] = values.shape as [number, ...number[]];
  const width = sizeOf(shape);
  const dtype = dtypeOf(values);
  const part = new (dtype === 'int32' ? Int32Array : Float32Array)(batch * width);
  part.set(values.subarray(from * width, Math.min(rows, from + batch) * width));
  return tf.tensor(part, [batch, ...shape], dtype);
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
  // every call has the same shape, so that there is one compiled function: the last rows are padded
  const { ask, draws, batch } = callsFor(program, learned, asked, samples);
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
