import assert from 'node:assert/strict';
import { cpSync, readdirSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { dense } from '../../lib/layers';
import { vi } from '../../lib/inference/vi';
import { adam, sgd } from '../../lib/optimizers';
import {
  checkpointsIn,
  newestCheckpoint,
  readCheckpoint,
  stateIn,
  writeCheckpoint,
} from '../../lib/runs/checkpoint';
import { encodeSafetensors, readSafetensors } from '../../lib/safetensors';
import { writeAtomically } from '../../lib/runs/atomically';
import { refuses } from '../refuses';
import { curves } from '../problems';
import { variablesOf } from '../programs';
import { config, ownFolder, program, stateAt } from './folder';

describe('runs: checkpoints', () => {
  const folder = ownFolder();
  const of = config();
  const write = (step: number): Promise<void> => writeCheckpoint(folder(), program, stateAt(step), of);

  const build = (given: Partial<Parameters<ReturnType<typeof vi>['build']>[0]>) =>
    vi({ samples: 6 }).build({
      ...curves,
      optimizer: adam(),
      inputShape: [2],
      targetShape: [2],
      size: 60,
      steps: 100,
      stepsPerEpoch: 10,
      ...given,
    });

  it('give back every bit', async () => {
    const state = stateAt(7);
    state.vectors[0]!.set([NaN, -0, Infinity, 1e-45]);
    state.slots.at(-1)!.set([-Infinity]);
    await writeCheckpoint(folder(), program, state, of);
    const checkpoint = newestCheckpoint(folder())!;
    assert.deepEqual(stateIn(checkpoint, program), state);
    assert.deepEqual([checkpoint.step, checkpoint.run, checkpoint.seed], [7, of.id, '3']);
  });

  it('have the names that a person knows', async () => {
    const state = stateAt(7);
    await writeCheckpoint(folder(), program, state, of);
    const { tensors, metadata } = readSafetensors(checkpointsIn(folder())[0]!.file);
    for (const [name, values] of variablesOf(program, [...state.vectors])) {
      assert.deepEqual(tensors.get(name), { shape: values.shape, values: Float32Array.from(values) });
    }
    const { vector, offset } = program.variables.find(({ name }) => name === '1.dense.kernel.logStd')!;
    const second = state.slots[vector * 2 + 1]!;
    assert.deepEqual(
      tensors.get('optimizer.1.1.dense.kernel.logStd')!.values,
      second.slice(offset, offset + 8),
    );
    assert.equal(tensors.size, 3 * program.variables.length);
    assert.deepEqual(Object.keys(metadata), ['format', 'run', 'step', 'seed', 'fingerprint']);
  });

  it('are kept two at a time, the newest by number', async () => {
    for (const step of [9, 10, 100, 20]) await write(step);
    assert.deepEqual(readdirSync(folder()).sort(), [
      'checkpoint-100.safetensors',
      'checkpoint-20.safetensors',
    ]);
    assert.equal(newestCheckpoint(folder())!.step, 100);
  });

  it('stand in for a newer one that is damaged', async () => {
    for (const step of [1, 2]) await write(step);
    const [newest, older] = checkpointsIn(folder());
    truncateSync(newest!.file, 1000);
    assert.equal(newestCheckpoint(folder())!.step, 1);
    truncateSync(older!.file, 100);
    refuses(() => newestCheckpoint(folder()), 'E_FILE', /checkpoint-2\.safetensors cannot be used/);
  });

  it('are not there at first', () => assert.equal(newestCheckpoint(folder()), undefined));

  it('are refused by another model or optimiser, which names the first array that differs', async () => {
    await write(1);
    const checkpoint = newestCheckpoint(folder())!;
    const wider = build({ inputShape: [3] });
    refuses(
      () => stateIn(checkpoint, wider),
      'E_RUN',
      /another model or optimiser: '0\.dense\.kernel\.mean' is \[2, 4\] there and \[3, 4\] here/,
    );
    const other = build({ model: dense({ units: 2 }) });
    refuses(() => stateIn(checkpoint, other), 'E_RUN', /it has no 'kernel\.mean'/);
    const plain = build({ optimizer: sgd() });
    refuses(() => stateIn(checkpoint, plain), 'E_RUN', /it has 'optimizer\.0\..*which there is none of here/);
  });

  it('are refused if they are of somebody else, or of another type', async () => {
    const file = path.join(folder(), 'checkpoint-1.safetensors');
    const tensors = new Map([['x', { shape: [1], values: Float32Array.of(1) }]]);
    await writeAtomically(file, encodeSafetensors({ tensors, metadata: { format: 'pt' } }));
    refuses(() => readCheckpoint(file), 'E_FILE', /not a checkpoint of this version of Credence/);

    await write(2);
    const { tensors: ours, metadata } = readSafetensors(checkpointsIn(folder())[0]!.file);
    const asDoubles = new Map(
      [...ours].map(([name, { shape, values }]) => [
        name,
        { shape, values: Float64Array.from(values as Float32Array) },
      ]),
    );
    await writeAtomically(file, encodeSafetensors({ tensors: asDoubles, metadata }));
    refuses(
      () => stateIn(readCheckpoint(file), program),
      'E_RUN',
      /'0\.dense\.kernel\.mean' is not of type F32/,
    );
    for (const step of ['-1', '1e3', '', '9'.repeat(20)]) {
      await writeAtomically(file, encodeSafetensors({ tensors, metadata: { ...metadata, step } }));
      refuses(() => readCheckpoint(file), 'E_FILE', /checkpoint-1/);
    }
  });

  it('are found whatever else lies there', async () => {
    await write(5);
    const { file } = checkpointsIn(folder())[0]!;
    for (const name of ['checkpoint-9.safetensors.1.part', 'checkpoint-x.safetensors', 'a']) {
      cpSync(file, path.join(folder(), name));
    }
    assert.deepEqual(checkpointsIn(folder()), [{ step: 5, file }]);
  });
});
