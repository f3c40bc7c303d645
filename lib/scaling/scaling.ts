import * as v from 'valibot';
import type { Kind } from '../distributions/likelihood';
import { CredenceError } from '../errors';
import { type Data, fit, type FitOptions, prepare } from '../fit';
import { currentHost } from '../host';
import type { Method } from '../inference/method';
import { vi } from '../inference/vi';
import type { Layer } from '../layers/layer';
import { deviceCount, gpuCount } from '../parallel/chooseMesh';
import { activeRuns } from '../runs/registry';
import { count, validate } from '../validate';
import { type Cell, cellOf, type Place, placesOf, type ScalingStrategy } from './cells';
import { type Meter, openMeter } from './energy';
import { memoryOf } from './memory';
import { Scaling } from './result';
import { takeTurn, type Turn } from './turn';

/** What `scaling` says to `fit` itself. */
type Measured = 'method' | 'devices' | 'strategy' | 'epochs' | 'validation';

/** Options of `fit`, the same for all that is measured, and what is measured. */
export interface ScalingOptions<K extends Kind> extends Omit<FitOptions<K>, Measured> {
  /** Numbers of workers. Default: 1, 2, 4, ... up to the GPUs, or the cores where there is no GPU. */
  workers?: readonly number[];
  /** Weight samples of a step, over all workers. Default: 8 for each of the numbers of workers. */
  samples?: readonly number[];
  /** What the workers share out: samples, data, or both ('hybrid', of four workers or more). Default: ['sample', 'data']. */
  strategies?: readonly ScalingStrategy[];
  /** The method for a number of samples. Default: samples => vi({ samples }). */
  method?: (samples: number) => Method;
  /** Steps of each measurement. Default 50. */
  steps?: number;
  /** Measurements that count, of each combination; one before them, to warm up, does not. Default 3. */
  repeats?: number;
  /** Whether memory is measured, too, each in a process of its own: a few seconds. Default true. */
  memory?: boolean;
}

/** Each once, in ascending order. */
const counts = v.pipe(
  v.array(count(1), 'must be a list of whole numbers, such as [1, 2]'),
  v.minLength(1, 'must have at least one entry'),
  v.transform((values) => [...new Set(values)].sort((a, b) => a - b)),
);

const own = v.object({
  workers: v.optional(counts, defaultWorkers),
  samples: v.optional(counts),
  strategies: v.optional(
    v.pipe(
      v.array(v.picklist(['sample', 'data', 'hybrid']), "must be a list of 'sample', 'data' and 'hybrid'"),
      v.minLength(1, 'must have at least one entry'),
      v.transform((names) => [...new Set(names)]),
    ),
    () => ['sample', 'data'] as const,
  ),
  method: v.optional(
    v.custom<(samples: number) => Method>(
      (value) => typeof value === 'function',
      'must be a function of the number of samples, such as samples => vi({ samples })',
    ),
    () => (samples: number) => vi({ samples }),
  ),
  steps: v.optional(count(1), 50),
  repeats: v.optional(count(1), 3),
  memory: v.optional(v.boolean('must be true or false'), true),
});

function defaultWorkers(): number[] {
  return Array.from({ length: Math.floor(Math.log2(deviceCount())) + 1 }, (_, i) => 2 ** i);
}

/** Options of `fit` that are what is measured here, and what to say instead. */
const instead = {
  devices: 'workers, as in workers: [1, 2]',
  strategy: "strategies, as in strategies: ['sample', 'data']",
  epochs: 'steps, as in steps: 50',
} as const;

/** More than any measurement takes: each run is stopped when it has made its steps. */
const ENDLESS = 1e6;

/**
 * Measures how training scales: every number of workers with every number of weight samples. They take turns, round after round, so
 * that whatever else the machine does hits all alike; the first round warms up. Nothing else should compute meanwhile.
 * @returns rates, strong and weak scaling, where the time goes, and what it costs; it prints as a table and shows itself as figures
 * @throws CredenceError E_OPTION, E_SHAPE, E_DATA, E_RUN if a run is active, or if it is interrupted
 */
export async function scaling<K extends Kind>(
  model: Layer,
  data: Data,
  given: ScalingOptions<K>,
): Promise<Scaling> {
  refuse(given);
  const { workers, strategies, method, steps, repeats, samples, memory } = validate(own, given, 'scaling');
  const places = placesOf(workers, samples ?? workers.map((number) => 8 * number), strategies);
  assertShared(places);
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !(name in own.entries)));
  const optionsAt = ({ mesh, samples }: Place): FitOptions<K> => ({
    ...(rest as Omit<FitOptions<K>, Measured>),
    method: method(samples),
    strategy: mesh,
    epochs: ENDLESS,
    save: false,
  });
  const memoryAt = (place: Place): Promise<number | null> => {
    const { spec } = prepare({ model, train: data, options: optionsAt(place) }, 'scaling');
    return memoryOf(spec.program, spec.data, { ...spec.options, mesh: place.mesh });
  };
  const turns = await inRounds(places, 1 + repeats, (place, meter) =>
    takeTurn(fit(model, data, optionsAt(place)), steps, meter),
  );
  const cells: Cell[] = [];
  for (const [i, place] of places.entries()) {
    const bytes = memory ? await memoryAt(place) : null;
    cells.push(cellOf(place, turns.of[i]!.slice(1), bytes));
  }
  return new Scaling(cells, strategies, turns.quantity);
}

/** Every place in every round; an interrupt of the notebook ends it, also between two runs. */
async function inRounds(
  places: readonly Place[],
  rounds: number,
  measure: (place: Place, meter: Meter) => Promise<Turn>,
) {
  let interrupted = false;
  const unsubscribe = currentHost()?.onInterrupt(() => (interrupted = true));
  const meter = openMeter({ gpus: gpuCount() > 0 });
  const of = places.map((): Turn[] => []);
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [i, place] of places.entries()) {
        of[i]!.push(await measure(place, meter));
        if (interrupted) throw new CredenceError('E_RUN', 'scaling: it was interrupted before it was done');
      }
    }
  } finally {
    unsubscribe?.();
    meter.close();
  }
  return { of, quantity: meter.quantity };
}

function refuse(given: object): void {
  for (const [name, remedy] of Object.entries(instead)) {
    if (name in given) {
      throw new CredenceError('E_OPTION', `scaling: '${name}' is what is measured: give ${remedy}`);
    }
  }
  const [run] = activeRuns();
  if (run) {
    throw new CredenceError(
      'E_RUN',
      `scaling: ${run.id} is ${run.state} and would disturb the times: call its stop(), or await its done, and try again`,
    );
  }
}

function assertShared(places: readonly Place[]): void {
  const idle = places.find(({ mesh, samples }) => mesh.sample > samples);
  if (!idle) return;
  throw new CredenceError(
    'E_OPTION',
    `scaling: ${idle.mesh.sample} workers cannot share ${idle.samples} sample${idle.samples === 1 ? '' : 's'}: give samples of at least ${idle.mesh.sample}, fewer workers, or strategies: ['data']`,
  );
}
