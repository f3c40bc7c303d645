import { MessageChannel } from 'node:worker_threads';
import { compiles } from '../engine/tfjs/backend';
import { allocateShared } from '../engine/native/memory';
import { CredenceError } from '../errors';
import type { Program } from '../inference/method';
import { sizeOf } from '../ndarray';
import { streamKey } from '../streams';
import { Control, PEER_DIED } from './control';
import { planStep, type StepPlan, stepShapes } from './plan';
import { workerPool } from './pool';
import type { Job, Outcome, Report, Task } from './protocol';
import { share, SharedArrays } from './shared';
import { gradientShapes, stateShapes } from './state';
import { trainHere } from './trainHere';
import type { Observer, Training, TrainingData, TrainingOptions } from './training';
import { shareOut } from './workers';

/** What the workers of a run share, and the two copies of the state that lie in it. */
interface Shared {
  job: Job;
  copies: readonly [Float32Array[], Float32Array[]];
}

/** @throws CredenceError E_MEMORY */
function allocate(program: Program, data: TrainingData, options: TrainingOptions): Shared {
  const { workers, steps, batch, seed } = options;
  const vectors = program.vectors.map(({ length }) => [length]);
  const shapes = stateShapes(vectors, program.slots).map(sizeOf);
  try {
    const state = new SharedArrays(shapes);
    const memory = state.allocate(2);
    const copies = [state.views(memory, 0), state.views(memory, 1)] as const;
    program.vectors.forEach((vector, i) => copies[0][i]!.set(vector.initial(seed)));
    const gradients = new SharedArrays(gradientShapes(vectors).map(sizeOf));
    const job: Job = {
      shapes: stepShapes(data, batch),
      vectors,
      slots: program.slots,
      streams: program.streams,
      order: streamKey(seed, 'order of the data'),
      noise: streamKey(seed, 'noise of a step'),
      steps,
      x: share(data.x),
      y: share(data.y),
      state: memory,
      gradients: workers === 1 ? allocateShared(0) : gradients.allocate(workers + 1),
      control: new Control().buffer,
    };
    return { job, copies };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause; // what JavaScript says when it has no memory for an array
    const numbers = vectors.reduce((sum, [length]) => sum + length!, 0);
    const bytes = 8 * shapes.reduce((sum, length) => sum + length, 0);
    throw new CredenceError(
      'E_MEMORY',
      `there is not enough memory to train: the model learns ${numbers.toLocaleString('en')} numbers, which take ${(bytes / 1e9).toFixed(1)} GB with the optimiser's. Make it smaller`,
      { cause },
    );
  }
}

/**
 * Trains a program sample-parallel: all workers see the same batch, each draws its share of the samples, the gradients are added up
 * in shared memory and everybody makes the same update.
 * @throws CredenceError E_MEMORY
 */
export function startTraining(
  program: Program,
  data: TrainingData,
  options: TrainingOptions,
  observer: Observer,
): Training {
  if (!compiles()) return trainHere(program, data, options, observer);
  const { workers, gpus } = options;
  const { job, copies } = allocate(program, data, options);
  const control = new Control(job.control);
  const copyVectors = (): Float32Array[] =>
    program.vectors.map((_, i) => copies[control.wholeCopy]![i]!.slice());

  const shares = shareOut(program.samples, workers);
  const plans = new Map<number, StepPlan>();
  for (const samples of shares) {
    if (!plans.has(samples)) plans.set(samples, planStep(program, job.shapes, samples, workers === 1));
  }
  const { port1: ear, port2: mouth } = new MessageChannel();
  const lastReport = new Promise<void>((resolve) => {
    ear.on('message', (report: Report) => {
      if (report.type === 'metrics') observer.metrics(report.nll, report.kl);
      else if (report.type === 'snapshot') observer.snapshot(copyVectors());
      else resolve();
    });
  });

  let firstSample = 0;
  const parts = shares.map((samples, rank) => {
    const port = rank === 0 ? mouth : undefined;
    const task: Task = {
      job,
      plan: plans.get(samples)!,
      rank,
      workers,
      samples,
      firstSample,
      gpu: gpus?.[rank],
      port,
    };
    firstSample += samples;
    const part = workerPool().run(task, { transferList: port ? [port] : [] });
    // a peer that waits for a dead worker must be told
    return part.catch((error: unknown) => {
      control.break();
      throw error;
    });
  });
  return { control, vectors: copyVectors, outcome: finish(parts, lastReport).finally(() => ear.close()) };
}

/** The outcome of all parts, after the last report of rank 0. Waits for every worker even if one fails. */
async function finish(parts: readonly Promise<Outcome>[], lastReport: Promise<unknown>): Promise<Outcome> {
  const results = await Promise.allSettled(parts);
  if (results[0]!.status === 'fulfilled') await lastReport; // messages of another port: they may come after the result
  for (const result of results) {
    if (result.status === 'fulfilled') continue;
    const { message } = result.reason as Error;
    throw new CredenceError('E_WORKER', `a worker thread died (${message})`, { cause: result.reason });
  }
  const outcomes = results.map((result) => (result as PromiseFulfilledResult<Outcome>).value);
  const failures = outcomes.filter((outcome) => outcome.end === 'failed');
  const cause = failures.find(({ message }) => message !== PEER_DIED) ?? failures[0];
  if (cause) throw new CredenceError(cause.code, cause.message);
  return outcomes[0]!;
}
