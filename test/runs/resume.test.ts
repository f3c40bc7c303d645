import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkpointsIn } from '../../lib/runs/checkpoint';
import { writeConfig } from '../../lib/runs/config';
import { loadState } from '../../lib/runs/resume';
import { runFolder } from '../../lib/runs/runFolder';
import { refuses } from '../refuses';
import { keep, ownFolder, program, record, stateAt } from './folder';

describe('runs: what a run needs to go on', () => {
  ownFolder();

  it('is its state, to the bit, its configuration and its time', async () => {
    const of = await keep(12, {}, 'stopped');
    const { state, config, seconds } = loadState(of.id, program);
    assert.deepEqual(state, stateAt(12));
    assert.deepEqual(config, of);
    assert.ok(seconds > 0 && seconds < 60);
  });

  it('is not given away while the run is running', async () => {
    const recorder = record();
    recorder.checkpoint(stateAt(1));
    await recorder.close();
    const id = path.basename(recorder.folder);
    refuses(() => loadState(id, program), 'E_RUN', new RegExp(`still running in process ${process.pid} on`));
    recorder.end('stopped');
    await recorder.close();
    assert.equal(loadState(id, program).state.step, 1);
  });

  it('is not there before the first checkpoint', async () => {
    const of = await keep(3);
    for (const { file } of checkpointsIn(runFolder(of.id))) rmSync(file);
    refuses(() => loadState(of.id, program), 'E_RUN', /before its first checkpoint.*Start a new run/);
  });

  it('is not taken from another run', async () => {
    const [a, b] = [await keep(3), await keep(4)];
    cpSync(checkpointsIn(runFolder(b.id))[0]!.file, path.join(runFolder(a.id), 'checkpoint-4.safetensors'));
    refuses(() => loadState(a.id, program), 'E_RUN', /checkpoint-4.* one of them was copied or edited/);
    await writeConfig(runFolder(b.id), { ...b, seed: 99 });
    refuses(() => loadState(b.id, program), 'E_RUN', /copied or edited/);
  });

  it('says which run there is not', () => {
    refuses(() => loadState('2026-01-01', program), 'E_RUN', /there is no run '2026-01-01'/);
  });
});
