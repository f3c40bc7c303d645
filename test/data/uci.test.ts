import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as data from '../../lib/data';
import { dataFolder } from '../../lib/environment';
import { closedPort } from './closedPort';
import { mirror, ownDataFolder } from './folder';
import { rejects } from './rejects';

const real = path.join(dataFolder(), 'uci');
const sets = ['bostonHousing', 'concrete', 'energy', 'wine-quality-red', 'yacht'] as const;
const missing = !sets.every((name) => existsSync(path.join(real, name, 'data.txt')));

const assertNear = (got: ArrayLike<number>, want: readonly number[], tolerance: number): void => {
  assert.equal(got.length, want.length);
  want.forEach((w, i) => assert.ok(Math.abs(got[i]! - w) <= tolerance, `[${i}]: got ${got[i]}, want ${w}`));
};

(missing ? describe.skip : describe)(
  `data.uci on the real files${missing ? ` (skipped: they are not in ${real}, CREDENCE_DATA names its folder)` : ''}`,
  () => {
    it('standardises a split by its rows to learn from', async () => {
      const { name, split, train, test, inputs, target } = await data.uci('energy', { split: 7 });
      assert.deepEqual([name, split, target.name], ['energy', 7, 'heating load']);
      assert.deepEqual(
        [train.x.shape, train.y.shape, test.x.shape],
        [
          [691, 8],
          [691, 1],
          [77, 8],
        ],
      );
      // numpy: a = loadtxt('data.txt'); t = a[loadtxt('index_train_7.txt').astype(int)]; t.mean(0), t.std(0)
      assertNear(
        [...inputs.mean, target.mean],
        [
          0.7630969609261945, 672.6331403762663, 318.00361794500725, 177.31476121562952, 5.222141823444284,
          3.483357452966715, 0.23494934876989873, 2.7959479015918958, 22.19202604920405,
        ],
        1e-4,
      );
      assertNear(
        [...inputs.std, target.std],
        [
          0.10547235427394998, 87.89392823718212, 43.393860412482674, 45.09567397267811, 1.749778249378766,
          1.1250075482680428, 0.13160741309912574, 1.5397429889303396, 10.07530552506199,
        ],
        1e-4,
      );
      // (a - mean) / std of the first and last row of index_test_7.txt, and of the first row that is not in it
      assertNear(
        [...test.x.subarray(0, 8), test.y[0]!],
        [
          -1.167101671083088, 1.2670597600690892, 0.5760349924479706, 0.9576359544051811, -0.9842057552468184,
          0.4592347383167871, 0.11436020871229517, 0.7819825172541035, -0.5589930781944599,
        ],
        1e-5,
      );
      assertNear(test.y.slice(-1), [-0.6592381772128127], 1e-5);
      assertNear([train.x[5]!, train.y[0]!], [-1.3185311114137452, -0.6592381772128127], 1e-5);
    });

    it('has the rows of the published split in all sets, each once', async () => {
      for (const name of sets) {
        for (const split of [0, 19]) {
          const { train, test, inputs, target } = await data.uci(name, { split });
          const lines = (file: string) =>
            readFileSync(path.join(real, name, file), 'utf8')
              .trim()
              .split(/\r?\n/);
          const table = lines('data.txt').map((line) => line.trim().split(/\s+/).map(Number));
          const rows = [train, test].map(({ x }) => x.shape[0]);
          assert.deepEqual(
            rows,
            ['train', 'test'].map((part) => lines(`index_${part}_${split}.txt`).length),
          );
          assert.equal(inputs.names.length, table[0]!.length - 1);
          const back = [...train.y, ...test.y].map((z) => target.mean + target.std * z);
          const want = table.map((row) => row.at(-1)!);
          const sorted = (values: number[]) => values.sort((a, b) => a - b);
          assertNear(sorted(back), sorted(want), 1e-4);
        }
      }
    });

    describe('served by a mirror', () => {
      const home = ownDataFolder();
      const server = mirror((url) => {
        const file = path.join(real, url.replace('/data/', '/'));
        return existsSync(file) ? readFileSync(file) : undefined;
      });

      it('is downloaded once, the data and the split, with its progress', async () => {
        const progress: [number, number][] = [];
        const options = {
          split: 3,
          url: server.url(),
          onProgress: (...step: [number, number]) => progress.push(step),
        };
        const { test } = await data.uci('yacht', options);
        assert.equal(test.y.length, 31);
        const files = ['data.txt', 'index_test_3.txt'];
        assert.deepEqual(
          server.asked,
          files.map((file) => `/yacht/data/${file}`),
        );
        assert.deepEqual(readdirSync(path.join(home(), 'uci', 'yacht')).sort(), files);
        assert.deepEqual(progress.at(-1), [progress.at(-1)![1], progress.at(-1)![1]]);
        assert.ok(progress.every(([received], i) => i === 0 || received >= progress[i - 1]![0]));
        await data.uci('yacht', options);
        assert.equal(server.asked.length, 2);
      });
    });
  },
);

describe('data.uci', () => {
  const home = ownDataFolder();

  it('refuses names, splits and options that are none', async () => {
    await rejects(data.uci('boston' as never), 'E_OPTION', /must be one of 'bostonHousing', .*got "boston"/);
    await rejects(
      data.uci('yacht', { split: 20 }),
      'E_OPTION',
      /'split' must be one of the 20 splits, 0 to 19/,
    );
    await rejects(data.uci('yacht', { fold: 2 } as never), 'E_OPTION', /unknown option 'fold'/);
  });

  it('says where to get it, and refuses damaged files, naming them', async () => {
    const url = await closedPort();
    const folder = path.join(home(), 'uci', 'yacht');
    await rejects(data.uci('yacht', { url }), 'E_FILE', `${url}/yacht/data/data.txt`, folder, /ECONNREFUSED/);
    mkdirSync(folder, { recursive: true });
    const table = '1 2 3 4 5 6 7\n'.repeat(308);
    const ask = async (text: string, rows: string, says: RegExp): Promise<void> => {
      writeFileSync(path.join(folder, 'data.txt'), text);
      writeFileSync(path.join(folder, 'index_test_0.txt'), rows);
      await rejects(data.uci('yacht'), 'E_FILE', folder, says, /Delete it, and it is downloaded again/);
    };
    await ask(table.slice(14), '0', /data\.txt.*307 rows, not 308/);
    await ask(table.replace(' 7', ''), '0', /line 1 has 6 cells, not 7/);
    await ask(table.replace('3', 'x'), '0', /line 1 has 'x' where a number should be/);
    await ask(table, '0\n1\n308', /index_test_0\.txt.*line 3 has 308, which is no other row of 0 to 307/);
    await ask(table, '5\n5', /line 2 has 5/);
    await ask(table, '', /line 1 has ''/);
  });
});
