import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { pythonPackage } from '../environment';
import { ndarray } from '../ndarray';
import type { Dataset } from './dataset';
import { readDataFile } from './readDataFile';
import { numeric, readRows } from './rows';
import { split } from './split';

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
async function parse(text: string): Promise<Dataset<Int32Array>> {
  const pixels = SIDE * SIDE;
  const x = new Float32Array(IMAGES * pixels);
  const y = new Int32Array(IMAGES);
  let i = 0;
  await readRows(text, (cells, line) => {
    if (cells.length !== pixels + 1)
      throw new Error(`it has lines of ${cells.length} cells, not ${pixels + 1}`);
    const values = cells.map((cell) => numeric(cell, line));
    const label = values.pop()!;
    const isImage = values.every((value) => value >= 0 && value <= BRIGHTEST);
    if (!isImage || !Number.isInteger(label) || label < 0 || label >= CLASSES) {
      throw new Error(`line ${line} is not an image and its digit`);
    }
    for (const [j, value] of values.entries()) x[i * pixels + j] = value / BRIGHTEST;
    y[i++] = label;
  });
  if (i !== IMAGES) throw new Error(`it has ${i} lines, not ${IMAGES}`);
  return { x: ndarray(x, [IMAGES, SIDE, SIDE, 1]), y: ndarray(y, [IMAGES]) };
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
  return {
    name: 'digits',
    classes: CLASSES,
    ...split(all, { test: TEST_SHARE, seed: SPLIT_SEED, stratify: true }),
  };
}
