import { availableParallelism } from 'node:os';
import { compiles, devices } from '../engine/tfjs/backend';
import { CredenceError } from '../errors';
import type { Program } from '../inference/method';
import { type Mesh, workersOf } from './plan/mesh';
import type { StepShapes } from './plan/stepShapes';
import { isSmallProgram } from './plan/wholePlan';

/** 'sample', 'data', a mesh, or 'auto': the fastest of those that are possible, by measurement. */
export type Strategy = 'sample' | 'data' | 'auto' | Mesh;

/** What a step has to share out. */
export interface Divisible {
  samples: number;
  batch: number;
}

/** @throws CredenceError E_OPTION if a worker would have nothing to do */
export function assertShareable({ sample, data }: Mesh, { samples, batch }: Divisible): void {
  if (sample > samples) {
    throw new CredenceError(
      'E_OPTION',
      `fit: ${sample} workers cannot share ${samples} sample${samples === 1 ? '' : 's'}: use at most ${samples}${data === 1 ? ' devices' : ''}, share out the data as well (strategy: 'data'), or draw more samples, as in vi({ samples: ${sample} })`,
    );
  }
  if (data > batch) {
    throw new CredenceError(
      'E_OPTION',
      `fit: ${data} workers cannot share a batch of ${batch}: use at most ${batch}${sample === 1 ? ' devices' : ''}, or a larger batchSize`,
    );
  }
}

/** How many workers there are by themselves: one for each GPU, or for each core where there is no GPU. */
export const deviceCount = (): number => gpuCount() || availableParallelism();
export const gpuCount = (): number => devices().filter(({ type }) => type === 'GPU').length;

/** The GPU of each worker, or undefined where there are none. */
export function gpusOf(workers: number, first = 0): readonly number[] | undefined {
  const gpus = gpuCount();
  return gpus > 0 ? Array.from({ length: workers }, (_, i) => (first + i) % gpus) : undefined;
}

const divisors = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((i) => n % i === 0);

/** Where there is room for workers. */
export interface Machine {
  workers: number;
  /** Processes that have at least one worker each. */
  processes: number;
}

/** This process with all of its devices. */
const here = (): Machine => ({ workers: deviceCount(), processes: 1 });

/** All meshes of so many workers in which each has something to do, and a lone worker. */
export function candidates(workers: number, work: Divisible): Mesh[] {
  const grids = divisors(workers).map((data) => ({ sample: workers / data, data }));
  const possible = grids.filter(({ sample, data }) => sample <= work.samples && data <= work.batch);
  return workers === 1 ? possible : [...possible, { sample: 1, data: 1 }];
}

/** Why workers cannot share the data of a step out, and what to do, if so. */
function whyWhole({ hamiltonian, vectors }: Program): string | undefined {
  if (hamiltonian) {
    return "each Markov chain needs all data in each step, so that workers can only share the chains out: leave strategy out, or make it 'sample'";
  }
  if (!vectors.some(({ isMoving }) => isMoving)) return undefined;
  return "batch normalisation needs the whole batch, so that workers can only share the weight samples out: leave strategy out, make it 'sample', or use layers.groupNorm or layers.layerNorm in place of batchNorm";
}

/**
 * The mesh that is asked for, or the meshes to choose from by measurement. 'all' devices are one worker for each GPU, or for each core
 * where there is no GPU; but one where a step is so small that waiting for each other would take longer than it saves.
 * @throws CredenceError E_OPTION
 */
export function meshesFor(
  wanted: { devices: 'all' | number; strategy: Strategy },
  program: Program,
  shapes: StepShapes,
  machine = here(),
): Mesh[] {
  const { devices: count, strategy } = wanted;
  const whole = whyWhole(program);
  const work = { samples: program.samples, batch: whole ? 1 : shapes.batch };
  if (whole && (strategy === 'data' || (typeof strategy === 'object' && strategy.data > 1))) {
    throw new CredenceError('E_OPTION', `fit: ${whole}`);
  }
  if (typeof strategy === 'object') {
    const needed = workersOf(strategy);
    if (count !== 'all' && count !== needed) {
      throw new CredenceError(
        'E_OPTION',
        `fit: strategy { sample: ${strategy.sample}, data: ${strategy.data} } is for ${needed} workers, but devices is ${count}: leave devices out, or make it ${needed}`,
      );
    }
    assertShareable(strategy, work);
    return [compiles() ? strategy : { sample: 1, data: 1 }];
  }
  const meshOf = (workers: number): Mesh =>
    strategy === 'data' ? { sample: 1, data: workers } : { sample: workers, data: 1 };
  if (count !== 'all' && strategy !== 'auto') assertShareable(meshOf(count), work);
  if (!compiles()) return [{ sample: 1, data: 1 }]; // what cannot be compiled cannot be sent to other threads
  const most = count === 'all' ? machine.workers : count;
  if (strategy === 'auto')
    return candidates(most, work).filter((mesh) => workersOf(mesh) >= machine.processes);
  if (count !== 'all') return [meshOf(count)];
  const workers = Math.min(most, strategy === 'data' ? work.batch : work.samples);
  // chains wait for each other but once in an iteration of many gradients
  const alone = workers > 1 && !program.hamiltonian && isSmallProgram(program, shapes);
  return [meshOf(alone ? machine.processes : workers)];
}
