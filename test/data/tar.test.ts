import assert from 'node:assert/strict';
import { tarFiles } from '../../lib/data/tar';
import { tar } from './tar';

const contents = {
  'folder/a.bin': Buffer.alloc(513, 7),
  'folder/empty': Buffer.alloc(0),
  b: Buffer.from('last'),
};

describe('data: tar archives', () => {
  it('give the files that are in them', () => {
    const files = [...tarFiles(tar(contents))];
    assert.deepEqual(
      Object.fromEntries(files.map(({ name, content }) => [name, Buffer.from(content)])),
      contents,
    );
  });

  it('may have no mark at their end', () => {
    assert.equal([...tarFiles(tar(contents).subarray(0, -1024))].length, 3);
  });

  it('are refused if truncated or damaged', () => {
    const archive = tar(contents);
    assert.throws(() => [...tarFiles(archive.subarray(0, 1000))], /it ends within folder\/a\.bin/);
    assert.throws(() => [...tarFiles(archive.subarray(0, 120))], /not a tar archive, or damaged/);
    assert.throws(() => [...tarFiles(Buffer.from(archive).fill('x', 2, 3))], /not a tar archive, or damaged/);
    assert.throws(() => [...tarFiles(Buffer.alloc(2000, 'text'))], /not a tar archive/);
  });
});
