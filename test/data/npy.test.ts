import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as data from '../../lib/data';
import { goldenFile } from './folder';
import { rejects } from './rejects';

const folder = mkdtempSync(path.join(tmpdir(), 'credence-npy-'));
after(() => rmSync(folder, { recursive: true }));

/** The content of an NPY file, its header padded as NumPy does. */
function npyFile(header: string, values: Buffer, version = 1): Buffer {
  const begin = version === 1 ? 10 : 12;
  const text = header.padEnd(64 * Math.ceil((begin + header.length + 1) / 64) - begin - 1).concat('\n');
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length);
  else length.writeUInt32LE(text.length);
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.of(version, 0),
    length,
    Buffer.from(text),
    values,
  ]);
}

describe('data.npy', () => {
  const file = path.join(folder, 'array.npy');
  const read = (content: Buffer) => {
    writeFileSync(file, content);
    return data.npy(file);
  };
  const header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }";
  const values = Buffer.of(1, 0, 2, 0, 3, 0, 4, 0);

  it('reads versions 1, 2 and 3', async () => {
    for (const version of [1, 2, 3]) {
      const array = await read(npyFile(header, values, version));
      assert.deepEqual(
        [array.shape, [...array]],
        [
          [2, 2],
          [1, 2, 3, 4],
        ],
      );
      assert.ok(array instanceof Int32Array);
    }
    await rejects(read(npyFile(header, values, 4)), 'E_FILE', file, /version 4 is not known/);
  });

  it('makes a data set', async () => {
    const { x, y } = data.dataset(await read(npyFile(header, values)), Int32Array.of(1, 0));
    assert.deepEqual(
      [x.shape, [...x], [...y]],
      [
        [2, 2],
        [1, 2, 3, 4],
        [1, 0],
      ],
    );
  });

  it('refuses what is not whole, or not real numbers', async () => {
    const whole = npyFile(header, values);
    for (let length = 0; length < whole.length; length += 3) {
      await rejects(read(whole.subarray(0, length)), 'E_FILE', file);
    }
    const says = (text: string, pattern: RegExp) => rejects(read(npyFile(text, values)), 'E_FILE', pattern);
    await rejects(read(Buffer.concat([whole, values])), 'E_FILE', /has 144 bytes, not the 136/);
    await says(header.replace('<i2', '<c8'), /holds '<c8', not real numbers: .*astype/);
    await says(header.replace('<i2', '|O'), /holds '\|O'/);
    await says(header.replace("'<i2'", "[('a', '<i2')]"), /holds records/);
    await says(header.replace('(2, 2)', `(1${'0'.repeat(30)}, 2)`), /bytes, not the/);
    await says(header.replace('(2, 2)', '(2, -2)'), /header cannot be read/);
    await says('{}', /header cannot be read/);
    await rejects(read(Buffer.from('PK\x03\x04 a zip')), 'E_FILE', /not an NPY file/);
    await rejects(data.npy(''), 'E_OPTION', /must be the path of a file, got ""/);
  });
});

describe('data.npz', () => {
  it('reads what NumPy has written', async () => {
    const arrays = await data.npz(goldenFile('arrays.npz'));
    const signed = ['i1', 'i2', 'i4', 'i8', 'f2', 'f4', 'f8'];
    const big = ['i2', 'i4', 'i8', 'f4', 'f8'].map((kind) => `big_${kind}`);
    for (const name of [...signed, ...big]) {
      assert.deepEqual(
        [arrays[name]?.shape, [...arrays[name]!]],
        [
          [2, 3],
          [-2, -1, 0, 1, 2, 3],
        ],
        name,
      );
    }
    for (const name of ['u1', 'u2', 'u4', 'u8'])
      assert.deepEqual([...arrays[name]!], [0, 1, 2, 3, 4, 5], name);
    const { fortran, bool, large_i8, large_u4, scalar, empty, half } = arrays;
    assert.deepEqual([fortran?.shape, [...fortran!]], [[2, 3, 4], Array.from({ length: 24 }, (_, i) => i)]);
    assert.deepEqual([bool?.constructor, [...bool!]], [Uint8Array, [1, 0, 1, 0, 1, 0]]);
    assert.deepEqual([...large_i8!], [2 ** 53 - 1, -(2 ** 40), 3]);
    assert.deepEqual([...large_u4!], [2 ** 32 - 1, 3]);
    assert.deepEqual([scalar?.shape, scalar?.[0]], [[], 2.5]);
    assert.deepEqual([empty?.shape, empty?.length], [[0, 3], 0]);
    const halves = [0, -0, 1, -2, 65504, 2 ** -24, 0.0999755859375, Infinity, -Infinity, NaN];
    assert.deepEqual([...half!], halves);
  });

  it('names the array that cannot be read', async () => {
    await rejects(
      data.npz(goldenFile('refused.npz')),
      'E_FILE',
      goldenFile('refused.npz'),
      /array 'bad': it holds '<c8'/,
    );
  });

  it('refuses a file that is cut off, or none', async () => {
    const whole = readFileSync(goldenFile('arrays.npz'));
    const file = path.join(folder, 'arrays.npz');
    for (const length of [0, 1, 100, 2000, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length));
      await rejects(data.npz(file), 'E_FILE', file);
    }
    await rejects(data.npz(path.join(folder, 'none.npz')), 'E_FILE', /ENOENT/);
  });
});
