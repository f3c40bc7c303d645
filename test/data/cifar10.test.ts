import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as data from '../../lib/data';
import { dataFolder } from '../../lib/environment';
import type { CredenceError, CredenceErrorCode } from '../../lib/errors';
import { closedPort } from './closedPort';
import { tar } from './tar';

const real = path.join(dataFolder(), 'cifar10', 'cifar-10-batches-bin');
const missing = ['data_batch_1.bin', 'test_batch.bin'].some((name) => !existsSync(path.join(real, name)));

(missing ? describe.skip : describe)(
  `data.cifar10 on the real files${missing ? ` (skipped: they are not in ${real}, CREDENCE_DATA names its folder)` : ''}`,
  () => {
    it('decodes the records: a label, then the planes of red, green and blue', async () => {
      const raw = readFileSync(path.join(real, 'data_batch_1.bin'));
      const { name, classes, classNames, train, test, available } = await data.cifar10();
      assert.deepEqual([name, classes], ['CIFAR-10', 10]);
      assert.deepEqual([available.train, available.test], [train.x.shape[0], test.x.shape[0]]);
      assert.ok(train.x.shape[0]! >= raw.length / 3073);
      assert.deepEqual(train.x.shape.slice(1), [32, 32, 3]);
      assert.deepEqual([train.y.shape, test.y.shape], [[available.train], [available.test]]);
      assert.deepEqual(
        classNames,
        readFileSync(path.join(real, 'batches.meta.txt'), 'utf8').trim().split('\n'),
      );
      for (const record of [0, 1, raw.length / 3073 - 1]) {
        const start = record * 3073;
        assert.equal(train.y[record], raw[start]);
        for (const [row, column] of [
          [0, 0],
          [0, 1],
          [1, 0],
          [17, 5],
          [31, 31],
        ] as const) {
          const at = ((record * 32 + row) * 32 + column) * 3;
          const place = start + 1 + row * 32 + column;
          const bytes = [raw[place]!, raw[place + 1024]!, raw[place + 2048]!];
          assert.deepEqual(
            [...train.x.subarray(at, at + 3)],
            bytes.map((byte) => Math.fround(byte / 255)),
          );
        }
      }
      assert.ok(test.x.every((value) => value >= 0 && value <= 1));
      assert.ok(test.y.every((label) => label >= 0 && label <= 9) && new Set(test.y).size === 10);
    });

    it('gives so many of them, evenly', async () => {
      const all = await data.cifar10();
      const some = await data.cifar10({ train: 7, test: 500 });
      assert.deepEqual([some.train.x.shape, some.test.y.shape], [[7, 32, 32, 3], [500]]);
      assert.deepEqual(some.available, all.available);
      const rows = Array.from({ length: 7 }, (_, i) => Math.floor((i * all.available.train) / 7));
      assert.deepEqual(some.train, data.take(all.train, rows));
    });
  },
);

/** So many records of one colour and label a file. */
const records = (labels: readonly number[], colour = 51): Buffer =>
  Buffer.concat(labels.map((label) => Buffer.concat([Buffer.of(label), Buffer.alloc(3072, colour)])));

describe('data.cifar10', () => {
  const previous = process.env['CREDENCE_DATA'];
  let home: string;
  let folder: string;
  beforeEach(() => {
    home = path.join(mkdtempSync(path.join(tmpdir(), 'credence-cifar-')), 'cifar10');
    folder = path.join(home, 'cifar-10-batches-bin');
    mkdirSync(home);
    process.env['CREDENCE_DATA'] = path.dirname(home);
  });
  afterEach(() => {
    if (previous === undefined) delete process.env['CREDENCE_DATA'];
    else process.env['CREDENCE_DATA'] = previous;
    rmSync(path.dirname(home), { recursive: true });
  });

  const put = (files: Record<string, Buffer>): void => {
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  };
  const fails = (
    call: Promise<unknown>,
    code: CredenceErrorCode,
    ...says: (string | RegExp)[]
  ): Promise<void> =>
    assert.rejects(call, (error: CredenceError) => {
      assert.equal(error.code, code, error.message);
      for (const each of says) {
        if (typeof each === 'string') assert.ok(error.message.includes(each), `${each} in: ${error.message}`);
        else assert.match(error.message, each);
      }
      return true;
    });
  const batches = {
    'data_batch_1.bin': records([1, 2, 3], 10),
    'data_batch_3.bin': records([4, 5], 30),
    'test_batch.bin': records([6]),
  };
  const archive = (): Buffer =>
    gzipSync(
      tar(
        Object.fromEntries(
          ['readme.html', ...[1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`), 'test_batch.bin'].map(
            (name, i) => [`cifar-10-batches-bin/${name}`, records([i, i])],
          ),
        ),
      ),
    );

  it('is made of the files that are there, in their order', async () => {
    put(batches);
    const { train, test, available } = await data.cifar10();
    assert.deepEqual(available, { train: 5, test: 1 });
    assert.deepEqual([[...train.y], [...test.y]], [[1, 2, 3, 4, 5], [6]]);
    assert.deepEqual([train.x[3072], train.x[4 * 3072]], [10 / 255, 30 / 255].map(Math.fround));
    assert.deepEqual([...(await data.cifar10({ train: 2 })).train.y], [1, 3]);
    assert.deepEqual([...(await data.cifar10({ train: 4 })).train.y], [1, 2, 3, 4]);
  });

  it('says how many images there are if more are wanted', async () => {
    put(batches);
    await fails(
      data.cifar10({ train: 6 }),
      'E_OPTION',
      /'train' must be at most 5, the number.*got 6/,
      folder,
    );
    await fails(data.cifar10({ test: 2 }), 'E_OPTION', /'test' must be at most 1/);
  });

  it('refuses a damaged file, naming it and the remedy', async () => {
    put({ ...batches, 'data_batch_3.bin': records([4, 5]).subarray(0, -1) });
    await fails(
      data.cifar10(),
      'E_FILE',
      path.join(folder, 'data_batch_3.bin'),
      /6145 bytes are not whole/,
      /Delete/,
    );
    put({ ...batches, 'test_batch.bin': Buffer.alloc(0) });
    await fails(data.cifar10(), 'E_FILE', path.join(folder, 'test_batch.bin'), /0 bytes/);
    put({ ...batches, 'data_batch_1.bin': records([1, 10]) });
    await fails(
      data.cifar10(),
      'E_FILE',
      path.join(folder, 'data_batch_1.bin'),
      /an image has the label 10\. Delete/,
    );
  });

  it('unpacks the archive where there are no images', async () => {
    const url = await closedPort(); // nothing is downloaded
    writeFileSync(path.join(home, 'cifar-10-binary.tar.gz'), archive());
    put({ 'data_batch_1.bin': records([9]) }); // as left by an unpacking that was interrupted
    const { train, test } = await data.cifar10({ url });
    assert.deepEqual(
      [[...train.y], [...test.y]],
      [
        [1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
        [6, 6],
      ],
    );
    assert.equal(readdirSync(folder).length, 6);
  });

  it('refuses a damaged archive, and leaves no files of it', async () => {
    const file = path.join(home, 'cifar-10-binary.tar.gz');
    const incomplete = gzipSync(tar({ 'test_batch.bin': records([1]) }));
    for (const [content, says] of [
      [archive().subarray(0, -20), /unexpected end of file/],
      [incomplete, /it has no data_batch_1\.bin/],
      [gzipSync('not an archive'), /not a tar archive/],
    ] as const) {
      writeFileSync(file, content);
      await fails(data.cifar10(), 'E_FILE', file, says, /Delete it, and it is downloaded again/);
      assert.ok(!existsSync(folder));
    }
  });

  it('says so if it cannot write its files', async () => {
    writeFileSync(path.join(home, 'cifar-10-binary.tar.gz'), archive());
    writeFileSync(folder, 'in the way');
    await fails(data.cifar10(), 'E_FILE', folder, /cannot be written: .*EEXIST.*CREDENCE_DATA/);
  });

  it('says where to get it and where to put it when offline', async () => {
    const url = `${await closedPort()}/cifar.tar.gz`;
    await fails(data.cifar10({ url }), 'E_FILE', url, home, /ECONNREFUSED/);
    assert.deepEqual(readdirSync(home), []);
  });

  it('refuses options that are none', async () => {
    for (const options of [{ train: 0 }, { test: 1.5 }, { url: 'nowhere' }, { onProgress: 3 }, { size: 3 }]) {
      await fails(data.cifar10(options as never), 'E_OPTION');
    }
  });
});
