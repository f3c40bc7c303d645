/** Runs on disk for the tests: a folder of their own, and what a small model has to keep. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { vi } from '../../lib/inference/vi';
import { adam } from '../../lib/optimizers';
import type { TrainingState } from '../../lib/parallel/plan/state';
import type { Layout } from '../../lib/runs/checkpoint';
import { newConfig, type RunConfig, type RunSettings } from '../../lib/runs/config';
import { Recorder, type RecorderOptions } from '../../lib/runs/recorder';
import { newRunId } from '../../lib/runs/runFolder';
import { keyOf, uniforms } from '../../lib/threefry';
import { curves } from '../problems';

/** Keeps the runs of the tests around the call in a new folder, which is gone after them. */
export function ownFolder(): () => string {
  let folder: string;
  let before: string | undefined;
  beforeEach(() => {
    before = process.env['CREDENCE_RUNS'];
    folder = mkdtempSync(path.join(tmpdir(), 'credence-runs-'));
    process.env['CREDENCE_RUNS'] = folder;
  });
  afterEach(() => {
    process.env['CREDENCE_RUNS'] = before;
    rmSync(folder, { recursive: true, force: true });
  });
  return () => folder;
}

/** Four arrays with mean and logStd, and the noise; two slots each. */
export const program = vi({ samples: 6 }).build({
  ...curves,
  optimizer: adam(),
  inputShape: [2],
  targetShape: [2],
  size: 60,
  steps: 100,
  stepsPerEpoch: 10,
});

/** A state with other numbers in each array, and at each step. */
export function stateAt(step: number, layout: Layout = program): TrainingState {
  const lengths = layout.vectors.map(({ length }) => length);
  const random = (length: number, i: number): Float32Array =>
    Float32Array.from(uniforms(keyOf(100 * step + i), length));
  return {
    step,
    vectors: lengths.map(random),
    slots: lengths.flatMap((length, i) =>
      Array.from({ length: layout.slots }, (_, slot) => random(length, 10 + layout.slots * i + slot)),
    ),
    kept: [],
  };
}

export const settings = (given: Partial<RunSettings> = {}): RunSettings => ({
  model: program.variables.map(({ name, shape }) => ({ name, shape: [...shape] })),
  method: 'vi (6 samples, auto)',
  likelihood: { name: 'gaussian (noise learned)', kind: 'regression' },
  optimizer: 'adam(0.001)',
  augmentation: 'none',
  seed: 3,
  batchSize: 20,
  samples: 6,
  data: { size: 60, inputShape: [2], targetShape: [2] },
  epochs: 10,
  steps: 30,
  mesh: { sample: 1, data: 1 },
  ...given,
});

export const config = (given: Partial<RunSettings> = {}): RunConfig => newConfig(newRunId(), settings(given));

/** Starts to keep a run; a failure to do so is a failure of the test, unless it is expected. */
export const record = (of: RunConfig = config(), options: Partial<RecorderOptions> = {}): Recorder =>
  new Recorder({
    config: of,
    layout: program,
    onTrouble: (message) => {
      throw new Error(message);
    },
    ...options,
  });

/** Keeps a run of so many steps, with losses 1, 1/2, 1/3, ... and a checkpoint at its end. */
export async function keep(
  steps: number,
  given: Partial<RunSettings> = {},
  end: 'done' | 'stopped' = 'done',
): Promise<RunConfig> {
  const of = config(given);
  const recorder = record(of);
  const nll = Array.from({ length: steps }, (_, i) => 1 / (i + 1));
  recorder.metrics(
    1,
    nll,
    nll.map(() => 0),
  );
  recorder.checkpoint(stateAt(steps));
  recorder.end(end);
  await recorder.close();
  return of;
}
