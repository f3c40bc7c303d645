import * as v from 'valibot';
import { CredenceError } from '../errors';
import { ndarray, type NdArray } from '../ndarray';
import { count, validate } from '../validate';
import type { Dataset } from './dataset';

/** Measurements at regular times. */
export interface TimeSeries {
  name: string;
  /** What each column measures. */
  columns: readonly string[];
  /** When each row was measured, in milliseconds since 1970 (UTC) [rows]. */
  times: Float64Array;
  /** [rows, columns], in the units of the source. */
  values: NdArray<Float32Array>;
  /** The customary split in order of time, in rows. What is left at the end is not used. */
  split: { train: number; validation: number; test: number };
}

/** Options of `data.forecasting`. */
export interface ForecastingOptions {
  /** How many past rows, of all columns, the model sees (default 24). */
  history?: number;
  /** How many rows ahead it says (default 1). */
  horizon?: number;
  /** The column to forecast (default: the last one). */
  target?: string;
  /** Take every n-th window only (default 1: all). */
  stride?: number;
}

/** Windows of a time series, and when each one's first target was measured. */
export interface Windows extends Dataset<Float32Array> {
  /** Milliseconds since 1970 (UTC) [N]. */
  readonly times: Float64Array;
}

/** A time series as a regression problem, standardised. */
export interface ForecastingData {
  name: string;
  train: Windows;
  validation: Windows;
  test: Windows;
  /** The forecast column; a standardised value z stands for mean + std z. */
  target: { name: string; mean: number; std: number };
}

const schema = v.strictObject({
  history: v.optional(count(1), 24),
  horizon: v.optional(count(1), 1),
  target: v.optional(v.string('must be the name of a column')),
  stride: v.optional(count(1), 1),
});

/** Mean and standard deviation of each column over the first `rows`; a constant column is only centred. */
function columnMoments({ values, columns }: TimeSeries, rows: number): { mean: number; std: number }[] {
  return columns.map((_, c) => {
    let mean = 0;
    let square = 0;
    for (let t = 0; t < rows; t++) mean += values[t * columns.length + c]! / rows;
    for (let t = 0; t < rows; t++) square += (values[t * columns.length + c]! - mean) ** 2 / rows;
    return { mean, std: Math.sqrt(square) || 1 };
  });
}

/**
 * Makes a regression problem of a time series: from `history` rows of all columns to the next `horizon` values of one.
 * All columns are standardised by mean and standard deviation of the training rows. Windows belong to the split that
 * holds all their targets; the history of the first ones of validation and test reaches back into the split before, as
 * is customary (Zhou et al. 2021).
 * @returns x [N, history * columns], oldest row first, and y [N, horizon], both standardised
 * @throws CredenceError E_OPTION if there is no such column, or no window fits into a split
 */
export function forecasting(series: TimeSeries, options: ForecastingOptions = {}): ForecastingData {
  const { history, horizon, target, stride } = validate(schema, options, 'data.forecasting');
  const width = series.columns.length;
  const column = target === undefined ? width - 1 : series.columns.indexOf(target);
  if (column === -1) {
    throw new CredenceError(
      'E_OPTION',
      `data.forecasting: option 'target' must be one of ${series.columns.join(', ')}, got ${JSON.stringify(target)}`,
    );
  }
  const { train, validation, test } = series.split;
  const scales = columnMoments(series, train);
  const standard = Float32Array.from(series.values, (value, j) => {
    const { mean, std } = scales[j % width]!;
    return (value - mean) / std;
  });

  /** The windows whose targets lie in rows [from, to). */
  const windows = (from: number, to: number): Windows => {
    const first = Math.max(from, history);
    const n = Math.floor((to - horizon - first) / stride) + 1;
    if (n < 1) {
      throw new CredenceError(
        'E_OPTION',
        `data.forecasting: no window of ${history} + ${horizon} rows fits into a split of ${to - from} rows of ${series.name}`,
      );
    }
    const x = new Float32Array(n * history * width);
    const y = new Float32Array(n * horizon);
    const times = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const now = first + i * stride;
      x.set(standard.subarray((now - history) * width, now * width), i * history * width);
      for (let h = 0; h < horizon; h++) y[i * horizon + h] = standard[(now + h) * width + column]!;
      times[i] = series.times[now]!;
    }
    return { x: ndarray(x, [n, history * width]), y: ndarray(y, [n, horizon]), times };
  };

  return {
    name: series.name,
    train: windows(0, train),
    validation: windows(train, train + validation),
    test: windows(train + validation, train + validation + test),
    target: { name: series.columns[column]!, ...scales[column]! },
  };
}
