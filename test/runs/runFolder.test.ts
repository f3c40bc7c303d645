import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { findId, newRunId, runFolder, runsRoot, storedIds } from '../../lib/runs/runFolder';
import { refuses } from '../refuses';
import { ownFolder } from './folder';

describe('runs: the folder of runs', () => {
  const folder = ownFolder();

  it("is CREDENCE_RUNS, else where the person's programs keep data", () => {
    const { XDG_DATA_HOME } = process.env;
    try {
      assert.equal(runsRoot(), folder());
      delete process.env['CREDENCE_RUNS'];
      process.env['XDG_DATA_HOME'] = '/data';
      assert.equal(runsRoot(), '/data/credence/runs');
      for (const none of ['', 'relative']) {
        process.env['XDG_DATA_HOME'] = none;
        assert.equal(runsRoot(), path.join(homedir(), '.local', 'share', 'credence', 'runs'));
      }
    } finally {
      if (XDG_DATA_HOME === undefined) delete process.env['XDG_DATA_HOME'];
      else process.env['XDG_DATA_HOME'] = XDG_DATA_HOME;
    }
  });

  it('gives ids that say the time, and never one twice', () => {
    const now = new Date('2026-11-21T14:30:12.999Z');
    // a quarter of all ids of one second: by chance alone some would be equal
    const ids = Array.from({ length: 16_384 }, () => newRunId(now));
    assert.ok(ids.every((id) => /^2026-11-21-143012-[0-9a-f]{4}$/.test(id)));
    assert.equal(new Set(ids).size, ids.length);
  });

  it('lists runs, oldest first, and nothing else', () => {
    assert.deepEqual(storedIds(), []);
    process.env['CREDENCE_RUNS'] = path.join(folder(), 'not', 'there');
    assert.deepEqual(storedIds(), []);
    process.env['CREDENCE_RUNS'] = folder();
    const ids = ['2026-01-02-000000-0000', '2026-01-01-000000-ffff'];
    for (const id of [...ids, 'notes', '2026-01-02-000000-0000-copy']) mkdirSync(runFolder(id));
    writeFileSync(runFolder('2026-01-03-000000-0000'), 'a file');
    symlinkSync(tmpdir(), runFolder('2026-01-04-000000-0000'));
    assert.deepEqual(storedIds(), ids.toReversed());
  });

  it('finds a run by the beginning of its id', () => {
    for (const id of ['2026-01-01-000000-0a00', '2026-01-01-000000-0b00', '2026-02-01-000000-0000']) {
      mkdirSync(runFolder(id));
    }
    assert.equal(findId('2026-02'), '2026-02-01-000000-0000');
    assert.equal(findId('2026-01-01-000000-0b00'), '2026-01-01-000000-0b00');
    refuses(
      () => findId('2026-01'),
      'E_RUN',
      /2 runs begin with '2026-01': .*0a00, .*0b00\. Write more of the id/,
    );
    refuses(() => findId('2026-02-01-00000-0000'), 'E_RUN', /Did you mean '2026-02-01-000000-0000'\?/);
    refuses(() => findId('first'), 'E_RUN', /there is no run 'first' in .*runs\.list\(\)/);
    for (const none of [
      '',
      '.',
      '..',
      '../x',
      `${folder()}/2026-02-01-000000-0000`,
      '2026-02-01-000000-0000/',
    ]) {
      refuses(() => findId(none), 'E_RUN', /there is no run/);
    }
  });
});
