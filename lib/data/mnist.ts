import { existsSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { dataFolder } from '../environment';
import { ndarray } from '../ndarray';
import { validate } from '../validate';
import type { Dataset } from './dataset';
import { ensureFiles } from './download';
import { parseIdx } from './idx';
import { howMany, type ImageData, imageEntries, type ImageOptions, spread } from './images';
import { fileError, readDataFile } from './readDataFile';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
const BRIGHTEST = 255;
const REMEDY = 'Delete it, and it is downloaded again';

const FILES = {
  train: { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' },
  test: { images: 't10k-images-idx3-ubyte.gz', labels: 't10k-labels-idx1-ubyte.gz' },
} as const;
type FileName = (typeof FILES)['train' | 'test']['images' | 'labels'];

/** A data set that is published in these files. */
interface Published {
  name: string;
  call: string;
  folder: string;
  url: string;
  files: Readonly<Record<FileName, { bytes: number; sha256: string }>>;
  classNames: readonly string[];
}

const DIGITS: Published = {
  name: 'MNIST',
  call: 'data.mnist',
  folder: 'mnist',
  url: 'https://storage.googleapis.com/cvdf-datasets/mnist/', // the mirror that TensorFlow uses; the authors' own site is closed
  files: {
    'train-images-idx3-ubyte.gz': {
      bytes: 9_912_422,
      sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
    },
    'train-labels-idx1-ubyte.gz': {
      bytes: 28_881,
      sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
    },
    't10k-images-idx3-ubyte.gz': {
      bytes: 1_648_877,
      sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
    },
    't10k-labels-idx1-ubyte.gz': {
      bytes: 4_542,
      sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
    },
  },
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
};

const FASHION: Published = {
  name: 'Fashion-MNIST',
  call: 'data.fashionMnist',
  folder: 'fashion-mnist',
  url: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/', // has no https
  files: {
    'train-images-idx3-ubyte.gz': {
      bytes: 26_421_880,
      sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
    },
    'train-labels-idx1-ubyte.gz': {
      bytes: 29_515,
      sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
    },
    't10k-images-idx3-ubyte.gz': {
      bytes: 4_422_102,
      sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
    },
    't10k-labels-idx1-ubyte.gz': {
      bytes: 5_148,
      sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
    },
  },
  classNames: [
    'T-shirt/top',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle boot',
  ],
};

async function load(published: Published, options: ImageOptions): Promise<ImageData> {
  const { name, call, classNames } = published;
  const schema = v.strictObject(imageEntries(published.url));
  const { url, onProgress, patience, ...wanted } = validate(schema, options, call);
  const folder = path.join(dataFolder(), published.folder);
  /** Files that others have put there are often unpacked. */
  const unpacked = (file: string): string => path.join(folder, path.basename(file, '.gz'));
  const packed = Object.entries(published.files).filter(([file]) => !existsSync(unpacked(file)));
  await ensureFiles(url, Object.fromEntries(packed), folder, { onProgress, patience });

  async function read(part: 'train' | 'test'): Promise<{ data: Dataset<Int32Array>; available: number }> {
    const array = (file: FileName, shape: readonly number[]) => {
      const place = existsSync(unpacked(file)) ? unpacked(file) : path.join(folder, file);
      const parse = async (content: Buffer) => {
        const values = await parseIdx(content);
        const [available, ...each] = values.shape;
        if (!(values instanceof Uint8Array) || !available || each.join() !== shape.join()) {
          throw new Error(`it has no bytes of shape [N${shape.map((length) => `, ${length}`).join('')}]`);
        }
        const bad = shape.length === 0 ? values.find((label) => label >= CLASSES) : undefined;
        if (bad !== undefined) throw new Error(`an image has the label ${bad}`);
        return { values, available, place };
      };
      return readDataFile(place, parse, REMEDY);
    };
    const labels = await array(FILES[part].labels, []);
    const images = await array(FILES[part].images, [SIDE, SIDE]);
    const { available } = images;
    if (available !== labels.available) {
      throw fileError(
        labels.place,
        new Error(`it has ${labels.available} labels for ${available} images`),
        REMEDY,
      );
    }
    const n = howMany(wanted[part], available, part, call, folder);
    const x = new Float32Array(n * PIXELS);
    const y = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const row = spread(i, n, available);
      y[i] = labels.values[row]!;
      for (let p = 0; p < PIXELS; p++) x[i * PIXELS + p] = images.values[row * PIXELS + p]! / BRIGHTEST;
    }
    return { data: { x: ndarray(x, [n, SIDE, SIDE, 1]), y: ndarray(y, [n]) }, available };
  }

  const [train, test] = [await read('train'), await read('test')];
  return {
    name,
    classes: CLASSES,
    classNames,
    available: { train: train.available, test: test.available },
    train: train.data,
    test: test.data,
  };
}

/**
 * MNIST: handwritten digits, 28 x 28 pixels in [0, 1], 60,000 to learn from and 10,000 to test with. Kept in `<data folder>/mnist` in the
 * authors' format; downloaded from a mirror (12 MB) where it is missing.
 *
 * LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 1998.
 * @returns x [N, 28, 28, 1], y [N] with labels 0 .. 9; all images take 220 MB
 * @throws CredenceError E_FILE if it cannot be had (names the address and the folder) or is damaged; E_OPTION if there are not so many images
 */
export async function mnist(options: ImageOptions = {}): Promise<ImageData> {
  return load(DIGITS, options);
}

/**
 * Fashion-MNIST: photographs of ten kinds of clothes in the format, size and split of MNIST, and harder. Kept in
 * `<data folder>/fashion-mnist`; downloaded from its authors (31 MB) where it is missing.
 *
 * Xiao, Rasul and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", arXiv:1708.07747; MIT
 * licence.
 * @returns x [N, 28, 28, 1], y [N] with labels 0 .. 9; all images take 220 MB
 * @throws CredenceError as `data.mnist`
 */
export async function fashionMnist(options: ImageOptions = {}): Promise<ImageData> {
  return load(FASHION, options);
}
