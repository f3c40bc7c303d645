import { type ScalingPoint } from '../figures/scaling/speedup';
import { interpolate } from '../metrics/quantiles';
import type { Mesh } from '../parallel/plan/mesh';
import type { StepTimes, Turn } from './turn';

/** A way to share a step out: its weight samples, its data, or both. */
export type ScalingStrategy = 'sample' | 'data' | 'hybrid';

/** The mesh of so many workers; a hybrid has two data groups (the paper's two nodes), or as few as divide the workers. */
function meshOf(strategy: ScalingStrategy, workers: number): Mesh {
  if (strategy === 'sample') return { sample: workers, data: 1 };
  if (strategy === 'data' || workers === 1) return { sample: 1, data: workers };
  let data = 2;
  while (workers % data > 0) data++;
  return { sample: workers / data, data };
}

/** Which strategies a mesh belongs to: a lone worker to all. */
export function belongsTo({ sample, data }: Mesh, strategy: ScalingStrategy): boolean {
  if (sample === 1 && data === 1) return true;
  if (strategy === 'sample') return data === 1;
  return strategy === 'data' ? sample === 1 : sample > 1 && data > 1;
}

/** What is measured: so many weight samples on these workers. */
export interface Place {
  mesh: Mesh;
  workers: number;
  /** Weight samples of a step, over all workers. */
  samples: number;
}

/** What was measured there: medians over the repetitions. */
export interface Cell extends Place {
  /** Seconds of a step in each repetition. */
  seconds: number[];
  stepsPerSecond: number;
  /** Of the slowest repetition and of the fastest. */
  range: [number, number];
  times: StepTimes;
  /** Share of the workers' time in which they exchange gradients or wait for each other. */
  communication: number;
  /** Peak bytes of a worker; null where it was not measured, or the machine does not tell. */
  memory: number | null;
  /** Cost of one weight sample of one step, in the unit of the meter. */
  energyPerSample: number;
}

/** Cells that differ in the number of workers. */
export interface Curve {
  strategy: ScalingStrategy;
  /** Weight samples of a step: in all (strong scaling), or of each worker (weak). */
  samples: number;
  points: ScalingPoint[];
}

export const median = (values: readonly number[]): number =>
  interpolate(Float64Array.from(values).sort(), 0.5);

/**
 * Every number of workers with every number of samples; a lone worker shares nothing out, so it is one place for all strategies. A
 * number that no hybrid can be made of (a prime) has none.
 */
export function placesOf(
  workers: readonly number[],
  samples: readonly number[],
  strategies: readonly ScalingStrategy[],
): Place[] {
  const meshes = workers.flatMap((count): Mesh[] =>
    (count === 1 ? strategies.slice(0, 1) : strategies)
      .filter((strategy) => belongsTo(meshOf(strategy, count), strategy))
      .map((strategy) => meshOf(strategy, count)),
  );
  return samples.flatMap((number) =>
    meshes.map((mesh) => ({ mesh, workers: mesh.sample * mesh.data, samples: number })),
  );
}

/** @param turns at least one @param memory peak bytes of a worker */
export function cellOf(place: Place, turns: readonly Turn[], memory: number | null = null): Cell {
  const middle = (of: (turn: Turn) => number): number => median(turns.map(of));
  const seconds = turns.map((turn) => turn.seconds);
  const times = {
    compute: middle((turn) => turn.times.compute),
    exchange: middle((turn) => turn.times.exchange),
    wait: middle((turn) => turn.times.wait),
  };
  const away = times.exchange + times.wait;
  return {
    ...place,
    seconds,
    stepsPerSecond: 1 / median(seconds),
    range: [1 / Math.max(...seconds), 1 / Math.min(...seconds)],
    times,
    communication: away > 0 ? away / (times.compute + away) : 0,
    memory,
    energyPerSample: middle(({ energy }) => energy) / place.samples,
  };
}

/**
 * Strong scaling: the samples of a step stay the same, whoever draws them. Weak scaling: the samples of each worker do. Both are
 * read from the same cells; a curve has two numbers of workers at least.
 */
export function curvesOf(
  cells: readonly Cell[],
  strategies: readonly ScalingStrategy[],
  scaling: 'strong' | 'weak',
): Curve[] {
  const samplesOf = ({ samples, workers }: Cell): number =>
    scaling === 'strong' ? samples : samples / workers;
  return strategies.flatMap((strategy) => {
    const own = cells.filter(({ mesh }) => belongsTo(mesh, strategy));
    const numbers = [...new Set(own.map(samplesOf))].filter(Number.isInteger).sort((a, b) => a - b);
    return numbers
      .map((samples): Curve => {
        const points = own.filter((cell) => samplesOf(cell) === samples);
        return { strategy, samples, points: points.map(({ workers, seconds }) => ({ workers, seconds })) };
      })
      .filter(({ points }) => points.length > 1);
  });
}
