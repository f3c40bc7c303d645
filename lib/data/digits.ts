import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { pythonPackage } from '../environment';
import { ndarray } from '../ndarray';
import { foldIn, keyOf, permutation } from '../threefry';
import { cells, numeric } from './csv';
import { take, type Dataset } from './dataset';
import { readDataFile } from './readDataFile';

/** A classification problem, split. */
export interface ClassificationData {
  name: string;
  /** How many classes; labels are 0 .. classes - 1. */
  classes: number;
  train: Dataset<Int32Array>;
  test: Dataset<Int32Array>;
}

const IMAGES = 1797;
const SIDE = 8;
const CLASSES = 10;
const BRIGHTEST = 16;
const TEST_SHARE = 0.2;
const SPLIT_SEED = 0;

/** @throws if this is not the file that scikit-learn ships */
function parse(text: string): Dataset<Int32Array> {
  const table = cells(text);
  const pixels = SIDE * SIDE;
  if (table.length !== IMAGES || table[0]!.length !== pixels + 1) {
    throw new Error(
      `it has ${table.length} lines of ${table[0]!.length} cells, not ${IMAGES} of ${pixels + 1}`,
    );
  }
  const x = new Float32Array(IMAGES * pixels);
  const y = new Int32Array(IMAGES);
  table.forEach((row, i) => {
    const values = row.map((cell) => numeric(cell, i + 1));
    const label = values.pop()!;
    const isImage = values.every((value) => value >= 0 && value <= BRIGHTEST);
    if (!isImage || !Number.isInteger(label) || label < 0 || label >= CLASSES) {
      throw new Error(`line ${i + 1} is not an image and its digit`);
    }
    for (const [j, value] of values.entries()) x[i * pixels + j] = value / BRIGHTEST;
    y[i] = label;
  });
  return { x: ndarray(x, [IMAGES, SIDE, SIDE, 1]), y: ndarray(y, [IMAGES]) };
}

/** Row numbers of a random fifth of every class, ascending, and those of the rest. */
function stratifiedSplit(labels: Int32Array): { train: number[]; test: number[] } {
  const held = new Set<number>();
  for (let label = 0; label < CLASSES; label++) {
    const rows = [...labels.keys()].filter((i) => labels[i] === label);
    const order = permutation(foldIn(keyOf(SPLIT_SEED), label), rows.length);
    for (const i of order.subarray(0, Math.round(TEST_SHARE * rows.length))) held.add(rows[i]!);
  }
  const rows = [...labels.keys()];
  return { train: rows.filter((i) => !held.has(i)), test: rows.filter((i) => held.has(i)) };
}

/**
 * 1,797 handwritten digits, 8 x 8 pixels in [0, 1], from the scikit-learn of the Python environment. The split is fixed:
 * a fifth of every class is the test set.
 *
 * Alpaydin and Kaynak, "Optical recognition of handwritten digits" (its test part), UCI 1998; CC BY 4.0.
 * @returns x [N, 8, 8, 1], y [N] with labels 0 .. 9
 * @throws CredenceError E_LIBRARY if scikit-learn is missing, E_FILE if its file is missing or damaged
 */
export async function digits(): Promise<ClassificationData> {
  const file = path.join(pythonPackage('sklearn'), 'datasets', 'data', 'digits.csv.gz');
  const all = await readDataFile(
    file,
    async (content) => parse((await promisify(gunzip)(content)).toString('utf8')),
    'Install scikit-learn anew in that environment',
  );
  const { train, test } = stratifiedSplit(all.y);
  return { name: 'digits', classes: CLASSES, train: take(all, train), test: take(all, test) };
}
