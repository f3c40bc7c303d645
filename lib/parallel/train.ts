import { MessageChannel } from 'node:worker_threads';
import { compiles } from '../engine/tfjs/backend';
import { CredenceError } from '../errors';
import type { Program } from '../inference/method';
import { gpusOf } from './chooseMesh';
import {
  type Board,
  type BoardSpec,
  inMemory,
  makeBoard,
  SavedState,
  statisticsLengths,
  withStatistics,
} from './memory/board';
import { Control } from './memory/control';
import { Meeting, type Place } from './memory/meeting';
import { Sums } from './memory/sums';
import { planChains } from './plan/chainPlan';
import { type Share, shareOut } from './plan/schedule';
import { type Gathering, planSplit, statisticsOf } from './plan/splitPlan';
import { startOf } from './plan/state';
import { type StepShapes, stepShapes } from './plan/stepShapes';
import type { StepSpec } from './plan/stepSpec';
import { planWhole } from './plan/wholePlan';
import { trainHere } from './trainHere';
import type { Ending, Observer, Training, TrainingData, TrainingOptions } from './training';
import { runTask, withDesks } from './worker/pool';
import type { Outcome, Report, StepPlan, Task } from './worker/protocol';

/** Workers may die so often without a step being made in between: what kills them kills the next ones, too. */
const DEATHS = 3;

/** Everything about a run that the workers of a process are told. */
export interface Launch {
  board: Board;
  plans: readonly StepPlan[];
  shares: readonly Share[];
  steps: number;
  /** Where there are other processes: which one this is. */
  place?: Place | undefined;
  /** Number of the first GPU, where other processes have those before it. */
  firstGpu?: number;
}

/** What each worker of a mesh computes. */
export const sharesOf = ({ samples }: Program, options: TrainingOptions): Share[] =>
  shareOut(options.mesh, {
    samples,
    batch: options.batch,
    groups: options.augmentationGroups ?? (options.augmenter ? options.mesh.sample : 1),
    samplesPerCall: options.samplesPerCall ?? samples,
  });

/** Whether there is one worker, which makes a step by one call and keeps all to itself. */
const isAlone = (crews: Gathering['crews'], augmenter: TrainingOptions['augmenter']): boolean =>
  crews.length === 1 && crews[0]!.length === 1 && crews[0]![0]!.calls.length === 1 && !augmenter;

/** What each worker computes in a step, by process, and how many numbers are told of each datum of each data group. */
export interface StepPlans {
  plans: StepPlan[][];
  statistics: number[];
}

/** Compiles the step of each worker. */
export function planSteps(spec: StepSpec, gathering: Gathering): StepPlans {
  const { crews } = gathering;
  const { hamiltonian } = spec.program;
  if (hamiltonian) return { plans: crews.map((crew) => planChains(hamiltonian, spec, crew)), statistics: [] };
  if (isAlone(crews, spec.augmenter)) return { plans: [[planWhole(spec)]], statistics: [] };
  const plans = planSplit(spec, gathering);
  return { plans, statistics: statisticsLengths(crews.flat(), statisticsOf(plans.flat())) };
}

/** The shared memory of a run, in plain values. @throws CredenceError E_MEMORY */
export function boardSpec(
  program: Program,
  { x, y }: TrainingData,
  shapes: StepShapes,
  options: TrainingOptions,
  crews: Gathering['crews'],
): BoardSpec {
  const { seed, augmenter, exchange = 'float32', from } = options;
  const { vectors, slots, streams, keeping, hamiltonian } = program;
  const sizes = {
    lengths: vectors.map(({ length }) => length),
    slots,
    keeping,
    alone: hamiltonian !== undefined || isAlone(crews, augmenter),
  };
  return {
    data: { x, y },
    shapes,
    ...sizes,
    streams,
    seed,
    uniforms: augmenter?.uniforms ?? 0,
    exchange,
    start: from ?? inMemory(sizes, crews[0]!.length, () => startOf(program, seed)),
  };
}

/**
 * Trains a program on a mesh of workers: each computes the gradient of its data and its samples, the gradients are added up in shared
 * memory, and each worker makes its share of the update. If a worker dies, all go on from the last copy of the state, and since every
 * random number is keyed by its step, they end where an undisturbed run ends.
 * @throws CredenceError E_MEMORY
 */
export function startTraining(
  program: Program,
  data: TrainingData,
  options: TrainingOptions,
  observer: Observer,
): Training {
  if (!compiles()) return trainHere(program, data, options, observer);
  const { batch, steps, augmenter, exchange = 'float32' } = options;
  const shapes = stepShapes(data, batch);
  const shares = sharesOf(program, options);
  const crews = [shares];
  // before anything is compiled: what does not fit into memory need not be
  const start = makeBoard(boardSpec(program, data, shapes, options, crews), shares.length);
  const { plans, statistics } = planSteps({ program, augmenter, shapes }, { crews, exchange });
  const board = withStatistics(start, statistics, 1);
  return launch({ board, plans: plans[0]!, shares, steps }, observer);
}

/** Sets the workers of this process to work. */
export function launch(run: Launch, observer: Observer): Training {
  const { board, place } = run;
  const control = new Control(board.control);
  const saved = new SavedState(board, control);
  const sums = new Sums(board.sums);
  const meeting = new Meeting(board.meeting);
  return {
    ask: (wish) => control.ask(wish),
    askSave: () => control.askSave(),
    state: () => saved.read(),
    times: () => (place ? meeting.times : sums.times),
    ending: untilItEnds(run, control, {
      ...observer,
      saved: () => observer.saved(() => saved.read()),
    }),
  };
}

/** What the main thread does with the reports of rank 0. */
export interface Listener {
  metrics: Observer['metrics'];
  saved(): void;
  recovered?: Observer['recovered'];
}

/** Launches the workers until they come to an end, again after each death; where there are other processes, they could not go back. */
export async function untilItEnds(launch: Launch, control: Control, listener: Listener): Promise<Ending> {
  const most = launch.place ? 0 : DEATHS;
  for (let deaths = 0, reached = control.whole.step; ;) {
    const results = await runWorkers(launch, control, listener);
    const outcomes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = outcomes.find((outcome) => outcome.end === 'failed');
    if (failure) throw new CredenceError(failure.code, failure.message);
    const death = results.find((result) => result.status === 'rejected');
    if (!death) return outcomes.find(isEnding)!;

    const { step } = control.whole;
    deaths = step > reached ? 1 : deaths + 1;
    reached = step;
    const cause = death.reason as Error;
    if (deaths > most) {
      throw new CredenceError(
        'E_WORKER',
        `worker threads died${deaths > 1 ? ` ${deaths} times` : ''} at step ${step + 1} (${cause.message}). What was learned until then is kept in run.posterior`,
        { cause },
      );
    }
    control.mend();
    listener.recovered?.(cause, step);
  }
}

const isEnding = (outcome: Outcome): outcome is Ending =>
  outcome.end === 'done' || outcome.end === 'stopped' || outcome.end === 'diverged';

/** Runs all workers until each has ended or died, and all is heard that rank 0 has said. */
async function runWorkers(
  { board, plans, shares, steps, place, firstGpu }: Launch,
  control: Control,
  listener: Listener,
): Promise<PromiseSettledResult<Outcome>[]> {
  const { port1: ear, port2: mouth } = new MessageChannel();
  const lastReport = new Promise<void>((resolve) => {
    ear.on('message', (report: Report) => {
      if (report.type === 'metrics') listener.metrics(report.step, report.nll, report.kl);
      else if (report.type === 'saved') listener.saved();
      else resolve();
    });
  });
  const workers = shares.length;
  const gpus = gpusOf(workers, firstGpu) ?? new Array<undefined>(workers).fill(undefined);
  const results = await withDesks(gpus, (contexts) =>
    Promise.allSettled(
      shares.map(async (share, rank) => {
        const task: Task = {
          board,
          plan: plans[rank]!,
          share,
          workers,
          place,
          steps,
          context: contexts[rank]!.lend(),
          port: rank === 0 ? mouth : undefined,
        };
        try {
          return await runTask(task);
        } catch (error) {
          control.break(); // a peer that waits for a dead worker must be told
          throw error;
        }
      }),
    ),
  );
  if (results[0]!.status === 'fulfilled') await lastReport; // messages of another port: they may come after the result
  ear.close();
  return results;
}
