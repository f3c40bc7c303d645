import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { isAlive, thisProcess } from '../../lib/runs/processIdentity';
import { readStatus, stateOf, type Status, writeStatus } from '../../lib/runs/status';
import { refuses } from '../refuses';
import { ownFolder } from './folder';

const status = (given: Partial<Status> = {}): Status => ({
  state: 'running',
  message: null,
  step: 5,
  seconds: 1.5,
  updated: '2026-11-21T14:30:12.000Z',
  ended: null,
  process: thisProcess(),
  ...given,
});

describe('runs: the state on disk', () => {
  const folder = ownFolder();

  it('is read as it was written', async () => {
    await writeStatus(folder(), status());
    assert.deepEqual(readStatus(folder()), status());
    await writeStatus(folder(), { ...status(), state: 'going' } as unknown as Status);
    refuses(() => readStatus(folder()), 'E_FILE', /state\.json cannot be used: state: /);
  });

  it('is believed while its process is alive', () => {
    for (const state of ['running', 'paused', 'done', 'stopped', 'failed'] as const) {
      assert.equal(stateOf(status({ state })), state);
    }
  });

  it("is 'interrupted' when that is gone, unless it said how it ended", async () => {
    const child = spawn('true');
    const { pid } = child;
    await once(child, 'close');
    const gone = { ...thisProcess(), pid: pid! };
    assert.ok(!isAlive(gone));
    assert.equal(stateOf(status({ process: gone })), 'interrupted');
    assert.equal(stateOf(status({ state: 'paused', process: gone })), 'interrupted');
    assert.equal(stateOf(status({ state: 'done', process: gone })), 'done');
  });

  it('does not take another process that was given the same number for it', () => {
    const { pid, started, host } = thisProcess();
    assert.ok(isAlive({ pid, started, host }));
    assert.ok(
      !isAlive({ pid, started: started!.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)), host }),
    );
    assert.ok(!isAlive({ pid: 1, started, host }));
  });

  it('is believed of another machine as long as something is heard of it', () => {
    const process = { ...thisProcess(), host: `${thisProcess().host}-not`, pid: 1 };
    const ago = (seconds: number): string => new Date(Date.now() - 1000 * seconds).toISOString();
    assert.equal(stateOf(status({ process, updated: ago(200) })), 'running');
    assert.equal(stateOf(status({ process, updated: ago(400) })), 'interrupted');
    assert.equal(stateOf(status({ process, updated: ago(400), state: 'paused' })), 'paused'); // it writes nothing meanwhile
    assert.equal(stateOf(status({ process, updated: ago(400), state: 'done' })), 'done');
  });
});
