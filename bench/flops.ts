/** Floating-point operations of a training step: matrix products and convolutions, forward and backward, nothing else. */
import type { Config } from './configs';
import type { Estimator } from './training';

/** The square matrices whose product tells what the machine can do at most. */
export const PEAK_SIDE = 1024;
/** GFLOP of that product. */
export const PEAK_GFLOP = (2 * PEAK_SIDE ** 3) / 1e9;

/** A linear map of a network. */
interface Linear {
  /** Multiply-adds for one datum and one sample. */
  macs: number;
  /** Its input is the datum itself: the same for all samples, and without a gradient. */
  first: boolean;
  /** A product of two activations (attention): there are no weights in it. */
  weightless: boolean;
}

function linearMaps({ network, inputShape, outputs }: Config): Linear[] {
  const maps: Linear[] = [];
  const add = (macs: number, weightless = false): void =>
    void maps.push({ macs, first: maps.length === 0, weightless });
  if (network.kind === 'mlp') {
    const { widths } = network;
    for (let i = 1; i < widths.length; i++) add(widths[i - 1]! * widths[i]!);
    return maps;
  }
  let [side, , channels] = inputShape as [number, number, number];
  if (network.kind === 'cnn') {
    for (const filters of network.filters) {
      add(side * side * 9 * channels * filters);
      side /= 2;
      channels = filters;
    }
    add(side * side * channels * outputs);
    return maps;
  }
  const { patch, dim, depth, mlp } = network;
  const tokens = (side / patch) ** 2;
  add(tokens * patch * patch * channels * dim);
  for (let layer = 0; layer < depth; layer++) {
    add(tokens * dim * 3 * dim);
    add(2 * tokens * tokens * dim, true); // scores, and values weighted with them
    add(tokens * dim * dim);
    add(2 * tokens * dim * mlp);
  }
  add(dim * outputs);
  return maps;
}

/** What the estimator makes of a linear map, in passes over all samples: forward, gradient of the weights, of the input. */
function passes({ first, weightless }: Linear, samples: number, estimator: Estimator): number {
  const plain = first ? 2 : 3;
  if (estimator === 'weights' || weightless) return plain;
  // mean and variance are a map each; those of the data themselves are the same for all samples
  return first ? (2 * plain) / samples : 2 * plain;
}

/** GFLOP of one training step. */
export function gflopPerStep(config: Config, estimator: Estimator = 'weights'): number {
  const { batch, samples } = config;
  const macs = linearMaps(config).map((map) => map.macs * passes(map, samples, estimator));
  return (2 * batch * samples * macs.reduce((sum, value) => sum + value, 0)) / 1e9;
}
