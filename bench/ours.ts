/**
 * Credence as a contender: `node ours.js FOLDER --threads N --estimator weights`. A worker for each thread. Trains with `fit`, paused
 * between turns.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { devices, type Run, tensorflowVersion } from '../lib';
import { readProblem } from './problem';
import { train, type TrainingOptions } from './training';
import { type Contestant, cpuMs, serve } from './wire';

/** More epochs than any benchmark takes: the run goes on until the driver has seen enough. */
const ENDLESS = 1e6;
/** A run whose process has used no CPU for so long has paused. */
const QUIET_MS = 30;

/** The state of a run when it last told of a step. */
interface Mark {
  step: number;
  wall: number;
  cpu: number;
}

const mark = (run: Run): Mark => ({ step: run.step, wall: performance.now(), cpu: cpuMs() });

/** Resolves when a run has told of `step` steps; fails if it ends before. */
function reach(run: Run, step: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const forget = run.onChange(() => {
      if (run.step < step && run.active) return;
      forget();
      if (run.active) resolve();
      else reject(run.error ?? new Error(`the run ended at step ${run.step}`));
    });
  });
}

/** Pauses a run; resolves when its last step is done and told, with the state of that moment. */
async function pause(run: Run): Promise<Mark> {
  let last = mark(run);
  const forget = run.onChange(() => {
    if (run.step > last.step) last = mark(run);
  });
  run.pause();
  for (let before = cpuMs(), quiet = 0; quiet < QUIET_MS;) {
    await sleep(QUIET_MS / 3);
    const now = cpuMs();
    quiet = now - before > 1 ? 0 : quiet + QUIET_MS / 3;
    before = now;
  }
  forget();
  return last;
}

const loss = ({ history }: Run): number => history.nll.at(-1)! + history.kl.at(-1)!;

interface Arguments extends Omit<TrainingOptions, 'epochs'> {
  folder: string;
  /** Weight samples, if not as many as the problem says. */
  samples: number | undefined;
}

async function build({ folder, samples, ...options }: Arguments): Promise<Contestant> {
  const { config, data } = readProblem(folder);
  const started = performance.now();
  const problem = { ...config, samples: samples ?? config.samples };
  const run = train(problem, data, { ...options, epochs: ENDLESS });
  await reach(run, 1);
  const firstCallSeconds = (performance.now() - started) / 1000;
  const first = run.history.nll[0]! + run.history.kl[0]!;
  let paused = await pause(run);
  return {
    ready: { firstCallSeconds, loss: first, versions: { tensorflow: tensorflowVersion() } },
    async run(steps) {
      const from = { ...mark(run), step: paused.step };
      const done = reach(run, from.step + steps);
      run.resume();
      await done;
      paused = await pause(run);
      return {
        steps: paused.step - from.step,
        wallMs: paused.wall - from.wall,
        cpuMs: paused.cpu - from.cpu,
        loss: loss(run),
      };
    },
  };
}

function given(): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: 'string', default: '1' },
      device: { type: 'string', default: 'cpu' },
      estimator: { type: 'string', default: 'weights' },
      strategy: { type: 'string', default: 'sample' },
      samples: { type: 'string' },
    },
  });
  return {
    folder: positionals[0]!,
    workers: values.device === 'gpu' ? 1 : Number(values.threads),
    estimator: values.estimator as Arguments['estimator'],
    strategy: values.strategy as Arguments['strategy'],
    samples: values.samples === undefined ? undefined : Number(values.samples),
  };
}

async function main(): Promise<void> {
  const options = given();
  devices(); // loads TensorFlow
  await serve(() => build(options));
  process.exit(); // the run is still paused
}

void main();
