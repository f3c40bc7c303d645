import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as data from '../../lib/data';
import { closedPort } from './closedPort';
import { mirror, ownDataFolder } from './folder';
import { idxFile } from './idxFile';
import { rejects } from './rejects';

/** Images of one brightness each. */
const images = (...brightness: number[]): Buffer =>
  idxFile(
    0x08,
    [brightness.length, 28, 28],
    Buffer.concat(brightness.map((each) => Buffer.alloc(784, each))),
  );
const labels = (...each: number[]): Buffer => idxFile(0x08, [each.length], Buffer.from(each));

for (const [name, load, sub] of [
  ['MNIST', data.mnist, 'mnist'],
  ['Fashion-MNIST', data.fashionMnist, 'fashion-mnist'],
] as const) {
  describe(`data: ${name}`, () => {
    const home = ownDataFolder();
    const server = mirror(() => Buffer.from('another file'));
    const folder = (): string => path.join(home(), sub);

    const put = (files: Record<string, Buffer>): void => {
      mkdirSync(folder(), { recursive: true });
      const whole = {
        'train-images-idx3-ubyte.gz': gzipSync(images(0, 51, 102, 255)),
        'train-labels-idx1-ubyte.gz': gzipSync(labels(3, 1, 4, 9)),
        't10k-images-idx3-ubyte.gz': gzipSync(images(204)),
        't10k-labels-idx1-ubyte.gz': gzipSync(labels(0)),
        ...files,
      };
      for (const [file, content] of Object.entries(whole)) writeFileSync(path.join(folder(), file), content);
    };

    it('gives the images of its files, in [0, 1], and their labels', async () => {
      put({});
      const { train, test, classes, classNames, available, ...rest } = await load();
      assert.deepEqual([rest.name, classes, classNames.length], [name, 10, 10]);
      assert.deepEqual(available, { train: 4, test: 1 });
      assert.deepEqual([train.x.shape, train.y.shape, test.x.shape], [[4, 28, 28, 1], [4], [1, 28, 28, 1]]);
      assert.deepEqual([[...train.y], [...test.y]], [[3, 1, 4, 9], [0]]);
      const firsts = [0, 1, 2, 3].map((i) => train.x[i * 784]);
      assert.deepEqual(firsts, [0, 0.2, 0.4, 1].map(Math.fround));
      assert.equal(test.x.at(-1), Math.fround(0.8));
    });

    it('gives so many of them, evenly, and says how many there are', async () => {
      put({});
      assert.deepEqual([...(await load({ train: 2 })).train.y], [3, 4]);
      await rejects(load({ train: 5 }), 'E_OPTION', /'train' must be at most 4, .* got 5/, folder());
      await rejects(load({ test: 0 }), 'E_OPTION', /'test' must be a whole number of at least 1/);
      await rejects(load({ size: 1 } as never), 'E_OPTION', /unknown option 'size'/);
    });

    it('takes files that are unpacked', async () => {
      put({ 't10k-labels-idx1-ubyte': labels(7) });
      assert.deepEqual([...(await load()).test.y], [7]);
    });

    it('refuses damaged files, naming them', async () => {
      const file = (part: string): string => path.join(folder(), part);
      const ask = async (part: string, content: Buffer, says: RegExp): Promise<void> => {
        put({ [part]: content });
        await rejects(load(), 'E_FILE', file(part), says, /Delete it, and it is downloaded again/);
      };
      await ask('train-labels-idx1-ubyte.gz', labels(1, 2, 10, 3), /an image has the label 10/);
      await ask('train-labels-idx1-ubyte.gz', labels(1, 2, 3), /3 labels for 4 images/);
      await ask('train-images-idx3-ubyte.gz', labels(1, 2, 3), /no bytes of shape \[N, 28, 28\]/);
      await ask('t10k-images-idx3-ubyte.gz', images(), /no bytes of shape/);
      await ask('t10k-images-idx3-ubyte.gz', Buffer.from('<html>'), /not an IDX file/);
    });

    it('asks for what is missing, and keeps no file that is another', async () => {
      await rejects(load({ url: server.url() }), 'E_FILE', server.url(), folder(), /bytes instead of \d+/);
      assert.deepEqual(server.asked, ['/train-images-idx3-ubyte.gz']);
      assert.deepEqual(readdirSync(folder()), []);
      const url = await closedPort();
      await rejects(load({ url }), 'E_FILE', `${url}/train-images-idx3-ubyte.gz`, /ECONNREFUSED/);
    });
  });
}
