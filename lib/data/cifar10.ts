import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as v from 'valibot';
import { dataFolder } from '../environment';
import { CredenceError } from '../errors';
import { ndarray } from '../ndarray';
import { validate } from '../validate';
import type { Dataset } from './dataset';
import { ensureFile } from './download';
import { howMany, type ImageData, imageEntries, type ImageOptions, spread } from './images';
import { readDataFile } from './readDataFile';
import { tarFiles } from './tar';

const REMOTE = {
  url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz',
  bytes: 170_052_171,
  sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
};
const FOLDER = 'cifar-10-batches-bin';
const TRAIN = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
const TEST = 'test_batch.bin';
const REMEDY = `Delete the folder ${FOLDER}, and all of it is made anew`;

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const SIDE = 32;
const PIXELS = SIDE * SIDE;
const CHANNELS = 3;
/** A label, then the red, the green and the blue plane, row by row. */
const RECORD = 1 + CHANNELS * PIXELS;
const BRIGHTEST = 255;

const schema = v.strictObject(imageEntries(REMOTE.url));

/** A file of records, and how many it has. */
interface Records {
  file: string;
  count: number;
}

/** Those of the files that are there. */
async function recordsIn(folder: string, names: readonly string[]): Promise<Records[]> {
  const files: Records[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const size = await stat(file).then(
      ({ size }) => size,
      () => undefined,
    );
    if (size === undefined) continue;
    if (size === 0 || size % RECORD !== 0) {
      throw new CredenceError(
        'E_FILE',
        `${file} cannot be used: its ${size} bytes are not whole records of ${RECORD}. ${REMEDY}`,
      );
    }
    files.push({ file, count: size / RECORD });
  }
  return files;
}

/** The files of the data set in the authors' archive, by name. @throws if one is missing */
async function batchesIn(archive: Buffer): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const { name, content } of tarFiles(await promisify(gunzip)(archive))) {
    files.set(path.posix.basename(name), content);
  }
  for (const name of [...TRAIN, TEST]) if (!files.has(name)) throw new Error(`it has no ${name}`);
  return files;
}

/** Writes them, each appearing whole, and the test images last: where those are, nothing is missing. @throws CredenceError E_FILE */
async function keep(files: ReadonlyMap<string, Buffer>, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const name of [...TRAIN, TEST]) {
      const part = path.join(folder, `${name}.${process.pid}.part`);
      await writeFile(part, files.get(name)!);
      await rename(part, path.join(folder, name));
    }
  } catch (cause) {
    throw new CredenceError(
      'E_FILE',
      `${folder} cannot be written: ${(cause as Error).message}. Make room there, or set CREDENCE_DATA to another folder`,
      { cause },
    );
  }
}

const total = (files: readonly Records[]): number => files.reduce((sum, { count }) => sum + count, 0);

/** Puts an image, whose channels are planes, into row `i` of a data set, channels last. @throws if it has no such label */
function decode(record: Buffer, i: number, { x, y }: Dataset<Int32Array>): void {
  const label = record[0]!;
  if (label >= CLASSES.length) throw new Error(`an image has the label ${label}`);
  y[i] = label;
  const first = i * PIXELS * CHANNELS;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const plane = 1 + channel * PIXELS;
    for (let p = 0; p < PIXELS; p++) x[first + p * CHANNELS + channel] = record[plane + p]! / BRIGHTEST;
  }
}

/** Reads `wanted` images, evenly from all files. */
async function read(files: readonly Records[], wanted: number): Promise<Dataset<Int32Array>> {
  const images: Dataset<Int32Array> = {
    x: ndarray(new Float32Array(wanted * PIXELS * CHANNELS), [wanted, SIDE, SIDE, CHANNELS]),
    y: ndarray(new Int32Array(wanted), [wanted]),
  };
  const all = total(files);
  let [i, first] = [0, 0];
  for (const { file, count } of files) {
    const parse = (content: Buffer): void => {
      for (; i < wanted && spread(i, wanted, all) < first + count; i++) {
        const at = (spread(i, wanted, all) - first) * RECORD;
        decode(content.subarray(at, at + RECORD), i, images);
      }
    };
    await readDataFile(file, parse, REMEDY);
    first += count;
  }
  return images;
}

/**
 * CIFAR-10: colour photographs of ten kinds of things, 32 x 32 pixels in [0, 1], 50,000 to learn from and 10,000 to test with. Kept in
 * `<data folder>/cifar10/cifar-10-batches-bin` in the authors' binary format; downloaded from them (170 MB) where it is missing. Where
 * some training files are there but not all, it is made of those.
 *
 * Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
 * @returns x [N, 32, 32, 3], y [N] with labels 0 .. 9; all images take 737 MB
 * @throws CredenceError E_FILE if it cannot be had (names the address and the folder) or is damaged; E_OPTION if there are not so many
 *   images
 */
export async function cifar10(options: ImageOptions = {}): Promise<ImageData> {
  const { url, onProgress, patience, ...wanted } = validate(schema, options, 'data.cifar10');
  const home = path.join(dataFolder(), 'cifar10');
  const folder = path.join(home, FOLDER);
  const find = async () => ({ train: await recordsIn(folder, TRAIN), test: await recordsIn(folder, [TEST]) });
  let files = await find();
  if (files.train.length === 0 || files.test.length === 0) {
    const archive = path.join(home, path.posix.basename(REMOTE.url));
    await ensureFile({ ...REMOTE, url }, archive, { onProgress, patience });
    await keep(await readDataFile(archive, batchesIn, 'Delete it, and it is downloaded again'), folder);
    files = await find();
  }
  const available = { train: total(files.train), test: total(files.test) };
  const train = howMany(wanted.train, available.train, 'train', 'data.cifar10', folder);
  const test = howMany(wanted.test, available.test, 'test', 'data.cifar10', folder);
  return {
    name: 'CIFAR-10',
    classes: CLASSES.length,
    classNames: CLASSES,
    available,
    train: await read(files.train, train),
    test: await read(files.test, test),
  };
}
