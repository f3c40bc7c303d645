import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive } from '../../scripts/support/identity.mjs';
import { acquire } from '../../scripts/support/lock.mjs';

describe('the lock of set-up', () => {
  /** @type {string} */ let folder;
  /** @type {string} */ let file;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'credence-lock-'));
    file = path.join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const neverWaits = () => assert.fail('waited');

  it('is held by one at a time and leaves nothing behind', async () => {
    const first = await acquire(file, neverWaits);
    /** @type {number[]} */ const waitedFor = [];
    let second = false;
    const waiting = acquire(file, (pid) => waitedFor.push(pid)).then((lock) => {
      second = true;
      lock.release();
    });
    await sleep(700);
    assert.equal(second, false);
    assert.deepEqual(waitedFor, [process.pid], 'told once');
    first.release();
    await waiting;
    assert.deepEqual(readdirSync(folder), []);
  });

  it('is taken over from a process that is dead, or whose number belongs to another by now', async () => {
    for (const holder of [
      { pid: 4_000_000, started: '1' },
      { pid: process.pid, started: 'another time' },
    ]) {
      writeFileSync(file, JSON.stringify({ holder }));
      (await acquire(file, neverWaits)).release();
    }
    writeFileSync(file, '');
    (await acquire(file, neverWaits)).release();
    assert.ok(!existsSync(file));
  });

  it('stops the program that a killed holder left running', async () => {
    const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
    const ended = new Promise((resolve) => orphan.once('exit', (_code, signal) => resolve(signal)));
    assert.ok(orphan.pid !== undefined);
    const child = identify(orphan.pid);
    assert.ok(isAlive(child));
    writeFileSync(file, JSON.stringify({ holder: { pid: 4_000_000, started: '1' }, child }));
    (await acquire(file, neverWaits)).release();
    assert.equal(await ended, 'SIGKILL');
    assert.ok(!isAlive(child));
  });
});
