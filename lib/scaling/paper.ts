import type { Mesh } from '../parallel/plan/mesh';
import type { Curve, ScalingStrategy } from './cells';

/** Seconds an epoch on `first` GPUs and twice, four times, ... as many. */
interface Published {
  strategy: ScalingStrategy;
  samples: number;
  first: number;
  seconds: readonly number[];
}

/** All that the authors' table tells of the CNN. */
const published: readonly Published[] = [
  {
    strategy: 'sample',
    samples: 128,
    first: 1,
    seconds: [48.04188, 25.80437, 14.43679, 11.586321, 10.969079],
  },
  {
    strategy: 'sample',
    samples: 256,
    first: 1,
    seconds: [93.764225, 48.42588, 25.875178, 14.724788, 11.574445],
  },
  {
    strategy: 'sample',
    samples: 512,
    first: 1,
    seconds: [184.813379, 94.042498, 48.456854, 26.09833, 15.628888],
  },
  { strategy: 'sample', samples: 1024, first: 2, seconds: [185.157802, 94.286507, 48.621759, 27.019297] },
  { strategy: 'sample', samples: 2048, first: 16, seconds: [49.569193] },
  {
    strategy: 'data',
    samples: 128,
    first: 1,
    seconds: [47.954939, 24.214074, 12.118907, 6.076994, 3.092568],
  },
  {
    strategy: 'data',
    samples: 256,
    first: 1,
    seconds: [93.880916, 46.954126, 23.572765, 11.799556, 5.955994],
  },
  {
    strategy: 'data',
    samples: 512,
    first: 1,
    seconds: [184.497663, 92.548402, 46.401529, 23.199627, 11.653472],
  },
  { strategy: 'hybrid', samples: 256, first: 8, seconds: [13.05752, 6.759008] },
  { strategy: 'hybrid', samples: 512, first: 8, seconds: [24.311142, 12.377388] },
  { strategy: 'hybrid', samples: 1024, first: 8, seconds: [47.231365, 23.818503] },
];

/** GPUs of a node: a hybrid of the paper shares samples out within a node, and data over nodes. */
const GPUS_PER_NODE = 4;

const meshes: Record<ScalingStrategy, (gpus: number) => Mesh> = {
  sample: (gpus) => ({ sample: gpus, data: 1 }),
  data: (gpus) => ({ sample: 1, data: gpus }),
  hybrid: (gpus) => ({ sample: GPUS_PER_NODE, data: gpus / GPUS_PER_NODE }),
};

/** An epoch of the paper: 50,000 images of CIFAR-10. */
export interface PaperEpoch {
  strategy: ScalingStrategy;
  mesh: Mesh;
  /** Weight samples of a step, over all GPUs. */
  samples: number;
  seconds: number;
}

/**
 * All of the authors' measurements: epochs of a CNN on CIFAR-10, on 1 to 16 GPUs in nodes of four.
 * Source: "Sampling Parallelism for Fast and Efficient Bayesian Learning", arXiv 2604.04736; the table scaling.csv of its public code
 * (RAI-SCC/torch_blue).
 */
export const paperEpochs = (): PaperEpoch[] =>
  published.flatMap(({ strategy, samples, first, seconds }) =>
    seconds.map((value, i) => ({
      strategy,
      mesh: meshes[strategy](first * 2 ** i),
      samples,
      seconds: value,
    })),
  );

const curve = (strategy: ScalingStrategy, samples: number, epochs: readonly PaperEpoch[]): Curve => ({
  strategy,
  samples,
  points: epochs.map(({ mesh, seconds }) => ({ workers: mesh.sample * mesh.data, seconds: [seconds] })),
});

/** The curves that the paper draws: 512 weight samples on 1 to 16 GPUs (strong scaling), and 128 for each GPU (weak). See `paperEpochs`. */
export function paperScaling(): { strong: Curve[]; weak: Curve[] } {
  const epochs = paperEpochs();
  const strong = (['sample', 'data'] as const).map((strategy) =>
    curve(
      strategy,
      512,
      epochs.filter((epoch) => epoch.strategy === strategy && epoch.samples === 512),
    ),
  );
  const weak = epochs.filter(
    ({ strategy, samples, mesh }) => strategy === 'sample' && samples === 128 * mesh.sample,
  );
  return { strong, weak: [curve('sample', 128, weak)] };
}
