import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeAtomically, writeError } from '../../lib/runs/atomically';
import { runLimited } from './limited';

describe('runs: a file is whole or not there', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'credence-atomically-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is written of pieces, and replaces the old one', async () => {
    const file = path.join(folder, 'a');
    await writeAtomically(file, [Buffer.from('old')]);
    await writeAtomically(file, [Buffer.from('ne'), Buffer.alloc(0), Buffer.from('w')]);
    assert.equal(readFileSync(file, 'utf8'), 'new');
    assert.deepEqual(readdirSync(folder), ['a']);
  });

  it('is written whole, however large its pieces are', async () => {
    const bytes = Buffer.alloc(5_000_001, 'abc');
    await writeAtomically(path.join(folder, 'a'), [bytes, bytes.subarray(1)]);
    assert.ok(readFileSync(path.join(folder, 'a')).equals(Buffer.concat([bytes, bytes.subarray(1)])));
  });

  it('leaves the old one and nothing else where it cannot be written', async () => {
    const file = path.join(folder, 'taken');
    mkdirSync(path.join(file, 'something'), { recursive: true }); // no file can take the place of this
    await assert.rejects(writeAtomically(file, [Buffer.from('x')]), { code: 'E_FILE' });
    assert.deepEqual(readdirSync(folder), ['taken']);
  });

  it('says what to do where its folder is none, or gone', async () => {
    writeFileSync(path.join(folder, 'file'), '');
    await assert.rejects(writeAtomically(path.join(folder, 'file', 'a'), []), {
      code: 'E_FILE',
      message: /file\/a cannot be written: a file is where a folder should be.*CREDENCE_RUNS/,
    });
    await assert.rejects(writeAtomically(path.join(folder, 'gone', 'a'), []), {
      message: /its folder is gone/,
    });
  });

  it('says what to do where one may not write', async function () {
    if (process.getuid?.() === 0) this.skip(); // root may write everywhere
    chmodSync(folder, 0o500);
    await assert.rejects(writeAtomically(path.join(folder, 'a'), []), {
      code: 'E_FILE',
      message: /you may not write there/,
    });
  });

  for (const [code, says] of [
    ['ENOSPC', /the disk is full\. Free some space/],
    ['EROFS', /it can only be read there/],
    ['EACCES', /you may not write there/],
    ['EIO', /broken/],
  ] as const) {
    it(`says what ${code} means`, () => {
      const error = writeError('/x/y', Object.assign(new Error('broken'), { code }));
      assert.equal(error.code, 'E_FILE');
      assert.match(error.message, /^\/x\/y cannot be written: /);
      assert.match(error.message, says);
    });
  }

  it('leaves the old one where the system allows no larger file, in the middle of writing', async () => {
    const file = JSON.stringify(path.join(folder, 'a'));
    const program = `
      const { writeAtomically } = require('./runs/atomically.js');
      const write = (bytes) => writeAtomically(${file}, [Buffer.alloc(bytes / 2, 'x'), Buffer.alloc(bytes / 2, 'x')]);
      write(1000).then(() => write(100_000)).catch((error) => process.stdout.write(error.code + ' ' + error.message));`;
    assert.match(await runLimited(program), /^E_FILE .*files may not be that large here/);
    assert.deepEqual(readdirSync(folder), ['a']);
    assert.equal(readFileSync(path.join(folder, 'a')).length, 1000);
  });
});
