import * as v from 'valibot';
import { type Mesh, workersOf } from '../parallel/plan/mesh';
import { count, positive, validate } from '../validate';
import type { ScalingStrategy } from './cells';
import { costEntries, wayBetween } from './fitScaling';
import { type Prediction, type PredictedStep, ScalingPrediction } from './prediction';
import { type MeasuredStep, type StepModel, countsOf, stepTime } from './stepCosts';

/** Options of `predictScaling`. */
export interface PredictScalingOptions {
  /** What steps cost: of `fitScaling`, or with another network: { ...fitted, costs: { ...fitted.costs, betweenHop: 5e-6 } }. */
  model: StepModel;
  /** Weight samples of a step, over all workers: each is a job of its own. */
  samples: readonly number[];
  /**
   * Rows of a step, over all workers. Or those of each data group, up to `most` in all: then a step sees more rows as data groups grow, an
   * epoch has fewer steps, and what is learned is not the same.
   */
  batch: number | { perGroup: number; most: number };
  /** Rows of an epoch, which is what times are told of. Default: those of the step of one device. */
  rows?: number;
  /** Numbers of devices. Default: 1, 2, 4, ... 1024. */
  devices?: readonly number[];
}

const ascending = v.pipe(
  v.array(count(1), 'must be a list of whole numbers, such as [1, 2, 4]'),
  v.minLength(1, 'must have at least one entry'),
  v.transform((values) => [...new Set(values)].sort((a, b) => a - b)),
);

const batches = v.union(
  [count(1), v.strictObject({ perGroup: count(1), most: count(1) })],
  'must be a whole number of at least 1, or { perGroup, most } of such numbers',
);

const options = v.strictObject({
  model: v.object({
    costs: v.strictObject(costEntries),
    cluster: v.strictObject({ devicesPerNode: count(1), bytes: positive(), between: wayBetween }),
    steps: v.optional(v.custom<readonly MeasuredStep[]>(Array.isArray, 'must be a list of measured steps')),
  }),
  samples: ascending,
  batch: batches,
  rows: v.optional(count(1)),
  devices: v.optional(ascending, () => Array.from({ length: 11 }, (_, i) => 2 ** i)),
});

/** Below this speed-up of each device, sharing samples out pays no more. */
const PAYS = 1 / 2;

/**
 * Predicts how training scales: the time of an epoch with samples shared out, data shared out, and the best hybrid of both, for each number of
 * devices, as far as there is at least a sample or a row for each. Memory is not looked at. Beyond the devices that the model was fitted to
 * it is an extrapolation, and marked as one.
 * @returns times, speed-ups over one device, and where which way is best; it prints as a table and shows itself as figures
 * @throws CredenceError E_OPTION
 */
export function predictScaling(given: PredictScalingOptions): ScalingPrediction {
  const { model, samples, batch, devices, ...rest } = validate(options, given, 'predictScaling');
  const { rows = typeof batch === 'number' ? batch : batch.perGroup } = rest;
  const known = Math.max(0, ...(model.steps ?? []).map(({ mesh }) => workersOf(mesh)));
  /** Rows of a step, if there are enough for all data groups. */
  const batchOf = ({ data }: Mesh): number | undefined => {
    if (typeof batch === 'number') return data <= batch ? batch : undefined;
    return data * batch.perGroup <= batch.most || data === 1 ? data * batch.perGroup : undefined;
  };
  const epoch = (mesh: Mesh, samples: number): { batch: number; seconds: number } | undefined => {
    const batch = batchOf(mesh);
    if (batch === undefined || mesh.sample > samples) return undefined;
    const { seconds } = stepTime(model.costs, countsOf({ mesh, samples, batch }, model.cluster));
    return { batch, seconds: (seconds * rows) / batch };
  };
  const predictions = samples.map((number): Prediction => {
    const alone = epoch({ sample: 1, data: 1 }, number)!.seconds;
    const steps = devices.flatMap((count) =>
      (['sample', 'data', 'hybrid'] as const).flatMap((strategy): PredictedStep[] => {
        const [best] = meshesOf(strategy, count)
          .flatMap((mesh) => {
            const found = epoch(mesh, number);
            return found ? [{ mesh, ...found }] : [];
          })
          .sort((a, b) => a.seconds - b.seconds);
        if (!best) return [];
        const speedup = alone / best.seconds;
        return [
          {
            strategy,
            devices: count,
            ...best,
            speedup,
            efficiency: speedup / count,
            extrapolated: count > known,
          },
        ];
      }),
    );
    return { samples: number, alone, steps, ...answers(steps) };
  });
  return new ScalingPrediction(predictions, rows, known);
}

/** The ways to share out among so many devices; a lone one shares nothing out, and is told with those that share samples. */
function meshesOf(strategy: ScalingStrategy, devices: number): Mesh[] {
  if (strategy === 'sample') return [{ sample: devices, data: 1 }];
  if (devices === 1) return [];
  if (strategy === 'data') return [{ sample: 1, data: devices }];
  return Array.from({ length: devices - 1 }, (_, i) => i + 1)
    .filter((data) => data > 1 && devices % data === 0)
    .map((data) => ({ sample: devices / data, data }));
}

function answers(steps: readonly PredictedStep[]): Pick<Prediction, 'sampleStops' | 'hybridFrom'> {
  const stop = steps.find(({ strategy, efficiency }) => strategy === 'sample' && efficiency < PAYS);
  const numbers = [...new Set(steps.map(({ devices }) => devices))];
  const quickest = numbers.map((number) =>
    steps.filter(({ devices }) => devices === number).reduce((a, b) => (b.seconds < a.seconds ? b : a)),
  );
  const last = quickest.findLastIndex(({ strategy }) => strategy !== 'hybrid');
  const from = quickest[last + 1];
  return {
    sampleStops: stop?.devices ?? null,
    hybridFrom: from ? { devices: from.devices, mesh: from.mesh } : null,
  };
}
