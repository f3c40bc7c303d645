import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as data from '../../lib/data';
import { idxFile } from './idxFile';
import { rejects } from './rejects';

describe('data.idx', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'credence-idx-'));
  const file = path.join(folder, 'array.idx');
  after(() => rmSync(folder, { recursive: true }));
  const read = (content: Buffer) => {
    writeFileSync(file, content);
    return data.idx(file);
  };

  it('reads every kind of number, highest byte first', async () => {
    const cases = [
      [0x08, Buffer.of(0, 200), [0, 200], Uint8Array],
      [0x09, Buffer.of(0, 200), [0, -56], Int32Array],
      [0x0b, Buffer.of(0, 1, 255, 0), [1, -256], Int32Array],
      [0x0c, Buffer.of(0, 0, 1, 0, 255, 255, 255, 255), [256, -1], Int32Array],
      [0x0d, Buffer.of(0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0), [1, -2], Float32Array],
      [0x0e, Buffer.from('3ff0000000000000c000000000000000', 'hex'), [1, -2], Float64Array],
    ] as const;
    for (const [code, values, want, kind] of cases) {
      const array = await read(idxFile(code, [2], values));
      assert.ok(array instanceof kind);
      assert.deepEqual([array.shape, [...array]], [[2], want]);
    }
  });

  it('keeps the shape, compressed or not', async () => {
    const content = idxFile(0x08, [2, 1, 3], Buffer.of(1, 2, 3, 4, 5, 6));
    for (const each of [content, gzipSync(content)]) {
      const array = await read(each);
      assert.deepEqual(
        [array.shape, [...array]],
        [
          [2, 1, 3],
          [1, 2, 3, 4, 5, 6],
        ],
      );
    }
  });

  it('refuses what is not whole, or not IDX, naming the file', async () => {
    const content = idxFile(0x08, [2, 3], Buffer.alloc(6));
    const code = 'E_FILE';
    for (let length = 0; length < content.length; length++) {
      await rejects(read(content.subarray(0, length)), code, file, /cannot be used/);
    }
    await rejects(read(content.subarray(0, 17)), code, /17 bytes, not the 18 of an array \[2, 3\]/);
    await rejects(read(Buffer.concat([content, Buffer.of(0)])), code, /19 bytes, not the 18/);
    await rejects(read(idxFile(0x0a, [1], Buffer.of(0))), code, /not an IDX file/);
    await rejects(read(gzipSync(content).subarray(0, -9)), code, /unexpected end of file/);
    await rejects(read(idxFile(0x0e, [2 ** 32 - 1, 2 ** 32 - 1], Buffer.alloc(0))), code, /bytes, not the/);
    await rejects(data.idx(path.join(folder, 'none')), code, /ENOENT/);
    await rejects(data.idx(3 as never), 'E_OPTION', /data\.idx: must be the path of a file, got 3/);
  });
});
