/** How much memory training takes: measured in a process of its own, since one that has computed before keeps what it was given. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Program } from '../inference/method';
import type { BoardSpec } from '../parallel/memory/board';
import type { StepPlan } from '../parallel/worker/protocol';
import type { Share } from '../parallel/plan/schedule';
import { stepShapes } from '../parallel/plan/stepShapes';
import { boardSpec, planSteps, sharesOf } from '../parallel/train';
import type { TrainingData, TrainingOptions } from '../parallel/training';

/** What that process is told: compiled functions and sizes, no model and no data. */
export interface Probe {
  /** Without the data, which would be sent, and the state to start from. */
  board: { [K in keyof BoardSpec]: K extends 'data' | 'start' ? undefined : BoardSpec[K] };
  plans: StepPlan[];
  shares: Share[];
  statistics: number[];
}

/** What it answers: bytes that it held at most, less those it held before; null where the machine does not tell. */
export type ProbeAnswer = number | null;

/**
 * Peak bytes of a worker: what a process takes that trains some steps, compiling included, divided by its workers. The data are part of it.
 * @returns null where the machine does not tell (it is read from Linux's /proc), or where the process came to nothing
 */
export async function memoryOf(
  program: Program,
  data: TrainingData,
  options: TrainingOptions,
): Promise<number | null> {
  const { augmenter, batch, exchange = 'float32' } = options;
  const shapes = stepShapes(data, batch);
  const shares = sharesOf(program, options);
  const crews = [shares];
  const { plans, statistics } = planSteps({ program, augmenter, shapes }, { crews, exchange });
  const board = boardSpec(program, data, shapes, options, crews);
  const probe: Probe = {
    board: { ...board, data: undefined, start: undefined },
    plans: plans[0]!,
    shares,
    statistics,
  };
  const child = fork(path.join(__dirname, 'memoryProbe.js'), {
    serialization: 'advanced',
    execArgv: [],
    stdio: 'ignore',
  });
  try {
    child.send(probe);
    const answer = once(child, 'message') as Promise<[ProbeAnswer]>;
    const died = once(child, 'exit').then((): [ProbeAnswer] => [null]);
    const [peak] = await Promise.race([answer, died]);
    return peak === null ? null : peak / shares.length;
  } finally {
    child.kill();
  }
}
