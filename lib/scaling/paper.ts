import type { Curve } from './cells';

/** Seconds an epoch on 1, 2, 4, 8 and 16 GPUs. */
const published = {
  sample: [184.813379, 94.042498, 48.456854, 26.09833, 15.628888],
  data: [184.497663, 92.548402, 46.401529, 23.199627, 11.653472],
  weak: [48.04188, 48.42588, 48.456854, 48.621759, 49.569193],
} as const;

const points = (seconds: readonly number[]): Curve['points'] =>
  seconds.map((value, i) => ({ workers: 2 ** i, seconds: [value] }));

/**
 * The authors' own measurements: a CNN on CIFAR-10, 512 weight samples on 1 to 16 GPUs (strong scaling), and 128 for each GPU (weak).
 * Source: "Sampling Parallelism for Fast and Efficient Bayesian Learning", arXiv 2604.04736; the table scaling.csv of its public code
 * (RAI-SCC/torch_blue).
 */
export function paperScaling(): { strong: Curve[]; weak: Curve[] } {
  return {
    strong: [
      { strategy: 'sample', samples: 512, points: points(published.sample) },
      { strategy: 'data', samples: 512, points: points(published.data) },
    ],
    weak: [{ strategy: 'sample', samples: 128, points: points(published.weak) }],
  };
}
