/**
 * A model of the time of a step: a few costs, each paid so many times.
 *
 *   seconds   = max(load r, step + sample s + row r + sampleRow s r + allReduce)
 *   allReduce = insideHop h(n) + insideByte v(n) + betweenHop h(m) + betweenByte v(m)
 *
 * Of S weight samples and B rows, a worker of a mesh P x Q has s = S/P and r = B/Q: more samples shared out leave `step` and `row` as they
 * are, more data `step` and `sample`. The gradients are summed up over the n devices of a node, then over m nodes: h(k) times a message passes
 * from one to the next, 2 (k - 1) round a ring (Patarasuk and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations",
 * 2009) or 2 log2 k by halves (Thakur, Rabenseifner and Gropp, "Optimization of collective communication operations in MPICH", 2005);
 * v(k) = 2 (k - 1) / k times the vector passes each link, either way.
 */
import type { Mesh } from '../parallel/plan/mesh';

/** Seconds, each time that it is paid. */
export interface StepCosts {
  /** A step, whatever its size: calling the compiled function, updating the parameters. */
  step: number;
  /** A weight sample of a worker: drawing its weights, adding up its gradients. */
  sample: number;
  /** A row of a worker, whatever its samples: augmenting it. */
  row: number;
  /** A weight sample on a row: forward and backward. */
  sampleRow: number;
  /** Loading a row while the step before is computed: no step is quicker. 0 where data are in memory. */
  load: number;
  /** A message from a device to the next of its node. */
  insideHop: number;
  /** A byte through the link of a device in its node: 1 / bandwidth. */
  insideByte: number;
  /** A message from a node to the next. */
  betweenHop: number;
  /** A byte through the link of a node: 1 / bandwidth. */
  betweenByte: number;
}

export const costNames = [
  'step',
  'sample',
  'row',
  'sampleRow',
  'load',
  'insideHop',
  'insideByte',
  'betweenHop',
  'betweenByte',
] as const satisfies readonly (keyof StepCosts)[];

/** What devices are joined by, and what passes between them. */
export interface Cluster {
  /** Devices of a node, which are filled one after the other. */
  devicesPerNode: number;
  /** What is summed up in a step: 4 for each parameter, of which a mean-field posterior has two for each weight. */
  bytes: number;
  /** How nodes sum up: the number of messages that wait for each other grows with the nodes ('ring'), or with their logarithm ('tree'). */
  between: 'ring' | 'tree';
}

/** A step, and who makes it. */
export interface StepPlace {
  mesh: Mesh;
  /** Weight samples of a step, over all workers. */
  samples: number;
  /** Rows of a step, over all workers. */
  batch: number;
}

/** A step, and how long it took. */
export interface MeasuredStep extends StepPlace {
  seconds: number;
}

/** What steps cost on a cluster. */
export interface StepModel {
  costs: StepCosts;
  cluster: Cluster;
  /** What it was fitted to, if anything: beyond the devices of these steps, it is extrapolated. */
  steps?: readonly MeasuredStep[];
}

/** How often each cost is paid by the worker that has most to do. */
export type Counts = Readonly<StepCosts>;

const volume = (count: number): number => (2 * (count - 1)) / count;

const hops = (count: number, way: 'ring' | 'tree'): number =>
  2 * (way === 'ring' ? count - 1 : Math.ceil(Math.log2(count)));

export function countsOf({ mesh, samples, batch }: StepPlace, cluster: Cluster): Counts {
  const devices = mesh.sample * mesh.data;
  const inside = Math.min(devices, cluster.devicesPerNode);
  const nodes = Math.ceil(devices / cluster.devicesPerNode);
  const sample = Math.ceil(samples / mesh.sample);
  const row = Math.ceil(batch / mesh.data);
  return {
    step: 1,
    sample,
    row,
    sampleRow: sample * row,
    load: row,
    insideHop: hops(inside, 'ring'),
    insideByte: volume(inside) * cluster.bytes,
    betweenHop: hops(nodes, cluster.between),
    betweenByte: volume(nodes) * cluster.bytes,
  };
}

/** Seconds of a step, and whether loading is what takes them. */
export function stepTime(costs: StepCosts, counts: Counts): { seconds: number; loading: boolean } {
  const work = costNames
    .filter((name) => name !== 'load')
    .reduce((sum, name) => sum + costs[name] * counts[name], 0);
  const load = costs.load * counts.load;
  return { seconds: Math.max(work, load), loading: load > work };
}
