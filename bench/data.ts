/** Made-up data that can be learned: the same for every contender, whatever its own random numbers. */
import { foldIn, keyOf, normals, uniforms } from '../lib/threefry';
import { type NdArray, ndarray, sizeOf } from '../lib/ndarray';
import type { Config } from './configs';

/** Batches in the data set; contenders go round them. */
export const BATCHES = 4;

export interface BenchData {
  /** [rows, ...inputShape] */
  x: NdArray;
  /** [rows] labels, or [rows, outputs] real numbers. */
  y: NdArray<Int32Array> | NdArray;
}

const key = keyOf(2024);

/** A pattern for each class, half as strong as the noise on it. */
function classes({ inputShape, outputs }: Config, rows: number): BenchData {
  const size = sizeOf(inputShape);
  const patterns = normals(foldIn(key, 0), outputs * size);
  const noise = normals(foldIn(key, 1), rows * size);
  const labels = Int32Array.from({ length: rows }, (_, row) => row % outputs);
  const x = Float32Array.from(
    noise,
    (value, i) => value + patterns[labels[Math.floor(i / size)]! * size + (i % size)]! / 2,
  );
  return { x: ndarray(x, [rows, ...inputShape]), y: ndarray(labels, [rows]) };
}

/** Noisy oscillations, to be continued: frequency and phase differ from row to row. */
function oscillations({ inputShape, outputs }: Config, rows: number): BenchData {
  const context = sizeOf(inputShape);
  const length = context + outputs;
  const places = uniforms(foldIn(key, 2), 2 * rows);
  const noise = normals(foldIn(key, 3), rows * length);
  const value = (row: number, time: number): number => {
    const period = 12 + 36 * places[2 * row]!;
    const phase = 2 * Math.PI * places[2 * row + 1]!;
    return Math.SQRT2 * Math.sin((2 * Math.PI * time) / period + phase) + 0.2 * noise[row * length + time]!;
  };
  const part = (from: number, width: number): NdArray =>
    ndarray(
      Float32Array.from({ length: rows * width }, (_, i) => value(Math.floor(i / width), from + (i % width))),
      [rows, width],
    );
  return { x: part(0, context), y: part(context, outputs) };
}

export function makeData(config: Config): BenchData {
  const rows = BATCHES * config.batch;
  return config.likelihood.kind === 'categorical' ? classes(config, rows) : oscillations(config, rows);
}
