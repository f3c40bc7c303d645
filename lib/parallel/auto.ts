import type { Program } from '../inference/method';
import { Decision } from './memory/control';
import { describeMesh, type Mesh, workersOf } from './plan/mesh';
import { startOf } from './plan/state';
import type { Ending, Observer, StartTraining, Training, TrainingData, TrainingOptions } from './training';

/** What was found of one way to share out the work. */
export interface Measurement {
  mesh: Mesh;
  /** After the first step, which waits for the compiler. */
  secondsPerStep: number;
}

/** Hears what is tried, and what is chosen. */
export interface ChoiceObserver extends Observer {
  trying(mesh: Mesh, number: number, of: number): void;
  chosen(mesh: Mesh, measured: readonly Measurement[]): void;
}

/** Steps of a trial, and how long it may take when the first is done. */
const STEPS = 65;
const MILLISECONDS = 1000;

/** A later mesh must be so much faster than an earlier one: measurements of a second differ by so much by chance. */
const MARGIN = 0.97;

const fastest = (measured: readonly Measurement[]): Measurement =>
  measured.reduce((best, each) => (each.secondsPerStep < MARGIN * best.secondsPerStep ? each : best));

const milliseconds = (seconds: number): string => `${(1000 * seconds).toPrecision(3)} ms`;

/** What was measured, and why it decided so: for a person. */
export function explainChoice(measured: readonly Measurement[]): string {
  const nameOf = ({ mesh }: Measurement): string =>
    workersOf(mesh) === 1 ? 'one worker' : describeMesh(mesh);
  const list = measured.map((each) => `${nameOf(each)} ${milliseconds(each.secondsPerStep)}`);
  return `${nameOf(fastest(measured))} is the fastest of what was measured (a step: ${list.join(', ')})`;
}

/** Trains for a moment, and forgets what it learned. */
async function measure(
  startTraining: StartTraining,
  program: Program,
  data: TrainingData,
  options: TrainingOptions,
  current: (training: Training) => void,
): Promise<number> {
  const start = options.from?.step ?? 0;
  let first: number | undefined;
  const training = startTraining(
    program,
    data,
    { ...options, steps: Math.min(options.steps, start + STEPS) },
    {
      metrics: () => {
        if (first !== undefined) return;
        first = performance.now();
        setTimeout(() => training.ask(Decision.stop), MILLISECONDS).unref();
      },
      saved: () => undefined,
    },
  );
  current(training);
  const { step } = await training.ending;
  return (performance.now() - (first ?? performance.now())) / 1000 / Math.max(1, step - start - 1);
}

/**
 * Trains on the mesh that is the fastest for this program on this machine: tries each for about a second, then starts from the beginning
 * on the one that won. Meshes that come first win a tie.
 */
export function startOnFastest(
  program: Program,
  data: TrainingData,
  options: Omit<TrainingOptions, 'mesh'>,
  meshes: readonly Mesh[],
  observer: ChoiceObserver,
  startTraining: StartTraining,
): Training {
  let wish: Decision = Decision.go;
  let trial: Training | undefined;
  let training: Training | undefined;
  let saveAsked = false;

  const begin = async (): Promise<Ending> => {
    await Promise.resolve(); // whoever started it hears of nothing before it knows the training
    const measured: Measurement[] = [];
    for (const [i, mesh] of meshes.entries()) {
      if (wish === Decision.stop) break;
      observer.trying(mesh, i + 1, meshes.length);
      const secondsPerStep = await measure(
        startTraining,
        program,
        data,
        { ...options, mesh },
        (current) => (trial = current),
      );
      measured.push({ mesh, secondsPerStep });
    }
    const mesh = measured.length > 0 ? fastest(measured).mesh : meshes[0]!;
    observer.chosen(mesh, measured);
    training = startTraining(program, data, { ...options, mesh }, observer);
    training.ask(wish);
    if (saveAsked) training.askSave();
    return training.ending;
  };

  return {
    ask: (asked) => {
      wish = asked;
      if (asked === Decision.stop) trial?.ask(asked);
      training?.ask(asked);
    },
    askSave: () => {
      saveAsked = true;
      training?.askSave();
    },
    state: () => training?.state() ?? options.from ?? startOf(program, options.seed),
    times: () => training?.times() ?? [],
    ending: begin(),
  };
}
