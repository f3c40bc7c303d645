import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as data from '../../lib/data';
import { goldenFile } from './folder';
import { rejects } from './rejects';

const codecs = goldenFile('codecs.parquet');
const all = (n: number, value: (i: number) => number): number[] =>
  Array.from({ length: n }, (_, i) => value(i));

describe('data.parquet', () => {
  it('reads every type of number, however compressed, over all row groups', async () => {
    const names = ['plain', 'flag', 'small', 'single'];
    const { x, y, names: given } = await data.parquet(codecs, { inputs: names });
    assert.deepEqual([x.shape, y.shape, given], [[10, 4], [10, 1], { x: names, y: ['y'] }]);
    const column = (c: number) => all(10, (i) => x[4 * i + c]!);
    assert.deepEqual(
      column(0),
      all(10, (i) => i / 2),
    );
    assert.deepEqual(
      column(1),
      all(10, (i) => Number(i % 3 === 0)),
    );
    assert.deepEqual(
      column(2),
      all(10, (i) => i),
    );
    assert.deepEqual(
      column(3),
      all(10, (i) => Math.fround(i / 7)),
    );
    assert.deepEqual(
      [...y],
      all(10, (i) => i * i),
    );
  });

  it('reads what polars has written', async () => {
    const { x, y } = await data.parquet(goldenFile('polars.parquet'));
    assert.deepEqual(
      [[...x], [...y]],
      [
        [1, 2, 3],
        [1.5, 2.5, 3.5],
      ],
    );
  });

  it('reads categories, and leaves out rows without a value', async () => {
    const options = { inputs: ['colour', 'count'], categorical: ['colour'], encoding: 'codes' } as const;
    const { x, dropped, categories } = await data.parquet(codecs, { ...options, missing: 'drop' });
    assert.deepEqual(categories, { colour: ['blue', 'green', 'red'] });
    assert.deepEqual([[...x], dropped], [[2, 0, 1, 1, 0, 2, 2, 3, 0, 5, 2, 6, 1, 7, 0, 8], 2]);
    await rejects(
      data.parquet(codecs, options),
      'E_DATA',
      /codecs\.parquet, row 5: column 'colour' has no value/,
    );
    await rejects(
      data.parquet(codecs, { inputs: ['count'] }),
      'E_DATA',
      /row 10: column 'count' has no value/,
    );
  });

  it('refuses what is no number, and columns that are not there', async () => {
    await rejects(data.parquet(codecs, { inputs: ['colour'] }), 'E_DATA', /row 1: column 'colour' has 'red'/);
    await rejects(data.parquet(codecs, { inputs: ['when'] }), 'E_DATA', /row 1: column 'when' has a Date/);
    await rejects(
      data.parquet(codecs, { target: 'z' }),
      'E_OPTION',
      /'target' .* of codecs\.parquet, got 'z'/,
    );
    await rejects(
      data.parquet(codecs, { delimiter: ';' } as never),
      'E_OPTION',
      /unknown option 'delimiter'/,
    );
  });

  it('refuses a file that is damaged, naming it', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'credence-parquet-'));
    const file = path.join(folder, 'damaged.parquet');
    after(() => rmSync(folder, { recursive: true }));
    const whole = readFileSync(codecs);
    for (const length of [0, 3, 100, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length));
      await rejects(data.parquet(file, { inputs: ['plain'] }), 'E_FILE', file);
    }
    writeFileSync(file, Buffer.concat([whole.subarray(0, 4), Buffer.alloc(400, 0xff), whole.subarray(404)]));
    await rejects(data.parquet(file, { inputs: ['plain'] }), 'E_FILE', file);
    await rejects(data.parquet(path.join(folder, 'none')), 'E_FILE', /ENOENT/);
  });
});
