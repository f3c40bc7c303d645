import * as v from 'valibot';
import { CredenceError } from '../errors';
import { count, nonNegative, positive, validate } from '../validate';
import { fitCosts, type Timed } from './fitCosts';
import { type FittedStep, ScalingFit } from './fitResult';
import { type Cluster, costNames, countsOf, type MeasuredStep, type StepCosts, stepTime } from './stepCosts';

/** Options of `fitScaling`. */
export interface FitScalingOptions {
  /** Devices of a node, which are filled one after the other. Default 1: each a machine of its own. */
  devicesPerNode?: number;
  /** What is summed up in a step: 4 for each parameter, of which a mean-field posterior has two for each weight. */
  bytes: number;
  /** Whether messages between nodes go round a ring, or by halves (what MPI does). Default: 'tree'. */
  between?: Cluster['between'];
  /** Costs that are not to be found, in seconds: 0 for those that are nobody's, such as `load` where data are in memory. */
  known?: Partial<StepCosts>;
}

export const costEntries = Object.fromEntries(costNames.map((name) => [name, nonNegative()])) as Record<
  keyof StepCosts,
  ReturnType<typeof nonNegative>
>;

export const wayBetween = v.picklist(['ring', 'tree'], "must be 'ring' or 'tree'");

const options = v.strictObject({
  devicesPerNode: v.optional(count(1), 1),
  bytes: positive(),
  between: v.optional(wayBetween, 'tree'),
  known: v.optional(v.partial(v.strictObject(costEntries)), {}),
});

const steps = v.pipe(
  v.array(
    v.object({
      mesh: v.object({ sample: count(1), data: count(1) }),
      samples: count(1),
      batch: count(1),
      seconds: positive(),
    }),
    'must be a list of steps: { mesh: { sample, data }, samples, batch, seconds }',
  ),
  v.minLength(1, 'must have at least one entry'),
);

/**
 * Fits a model of the time of a step to times that were measured: by `scaling`, of a cluster, of others. What is not `known` of its
 * costs is found by least squares of relative errors. The times must tell the costs apart: what a row costs is seen only where batches differ.
 *
 * @example
 * ```ts
 * const measured = await scaling(model, data, { batchSize: 128, ... });
 * const steps = measured.cells.map(({ mesh, samples, stepsPerSecond }) => ({ mesh, samples, batch: 128, seconds: 1 / stepsPerSecond }));
 * const fitted = fitScaling(steps, { devicesPerNode: 4, bytes: 1e6, known: { row: 0, load: 0, betweenHop: 5e-6, betweenByte: 4e-11 } });
 * ```
 * @returns the costs, and how far off they are: as fitted, and for each step as if it had not been measured
 * @throws CredenceError E_OPTION, E_DATA if the times do not tell the costs apart
 */
export function fitScaling(measured: readonly MeasuredStep[], given: FitScalingOptions): ScalingFit {
  const { devicesPerNode, bytes, between, known } = validate(options, given, 'fitScaling');
  const places = validate(steps, measured, 'fitScaling, steps');
  places.forEach(assertShared);
  const cluster = { devicesPerNode, bytes, between };
  const free = costNames.filter((name) => known[name] === undefined);
  const timed = places.map((place): Timed => ({ counts: countsOf(place, cluster), seconds: place.seconds }));
  const costs = fitCosts(timed, free, known);
  const fitted = places.map((place, i): FittedStep => {
    const { counts, seconds } = timed[i]!;
    const modelled = stepTime(costs, counts).seconds;
    return { ...place, modelled, error: modelled / seconds - 1, leftOut: leftOut(timed, i, free, known) };
  });
  return new ScalingFit(costs, cluster, free, fitted);
}

/** The relative error of a step that the fit does not know; null where nothing else tells one of the costs. */
function leftOut(
  timed: readonly Timed[],
  i: number,
  free: readonly (keyof StepCosts)[],
  known: Partial<StepCosts>,
): number | null {
  try {
    const costs = fitCosts(
      timed.filter((_, other) => other !== i),
      free,
      known,
    );
    return stepTime(costs, timed[i]!.counts).seconds / timed[i]!.seconds - 1;
  } catch (error) {
    if (error instanceof CredenceError && error.code === 'E_DATA') return null;
    throw error;
  }
}

function assertShared({ mesh, samples, batch }: MeasuredStep, i: number): void {
  if (mesh.sample <= samples && mesh.data <= batch) return;
  throw new CredenceError(
    'E_OPTION',
    `fitScaling, steps: step ${i} has ${samples} samples for ${mesh.sample} groups and ${batch} rows for ${mesh.data}: there must be at least one for each`,
  );
}
