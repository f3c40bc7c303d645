/** The configurations that are measured: small Bayesian networks of the kinds that people train. */
import type { Shape } from '../lib/ndarray';

export type Network =
  | { kind: 'mlp'; widths: readonly number[] }
  /** 3 x 3 convolutions, a 2 x 2 max pool after each, and a dense layer. */
  | { kind: 'cnn'; filters: readonly number[] }
  /** Pre-norm encoder with the mean of the tokens as its output; the layer norms are not Bayesian. */
  | { kind: 'vit'; patch: number; dim: number; depth: number; heads: number; mlp: number };

export interface Config {
  name: string;
  title: string;
  network: Network;
  /** Shape of one input, images channels last. */
  inputShape: Shape;
  outputs: number;
  /** Data in each step. */
  batch: number;
  /** Weight samples in each step. */
  samples: number;
  /** The KL divergence counts 1/dataSize per datum, as if there were as many data. */
  dataSize: number;
  likelihood: { kind: 'categorical' } | { kind: 'gaussian'; noise: number };
  /** Steps between two contenders' turns: some tenths of a second. */
  stepsPerTurn: number;
}

/** Learning rate of Adam, for all. */
export const LEARNING_RATE = 1e-3;
/** Standard deviation of the posterior at the start, times 1/sqrt(fan-in), for all. */
export const INITIAL_STD = 0.5;

const images = { inputShape: [32, 32, 3], outputs: 10, samples: 4, dataSize: 50_000 };

export const configs = {
  a: {
    name: 'a',
    title: 'MLP 784-256-256-10, B 128, S 8',
    network: { kind: 'mlp', widths: [784, 256, 256, 10] },
    inputShape: [784],
    outputs: 10,
    batch: 128,
    samples: 8,
    dataSize: 60_000,
    likelihood: { kind: 'categorical' },
    stepsPerTurn: 16,
  },
  b: {
    name: 'b',
    title: 'time series 96-256-256-24, B 256, S 16',
    network: { kind: 'mlp', widths: [96, 256, 256, 24] },
    inputShape: [96],
    outputs: 24,
    batch: 256,
    samples: 16,
    dataSize: 20_000,
    likelihood: { kind: 'gaussian', noise: 0.5 },
    stepsPerTurn: 12,
  },
  c: {
    ...images,
    name: 'c',
    title: 'ViT patch 4, dim 64, depth 4, heads 4, MLP 128, 32x32x3, B 32, S 4',
    network: { kind: 'vit', patch: 4, dim: 64, depth: 4, heads: 4, mlp: 128 },
    batch: 32,
    likelihood: { kind: 'categorical' },
    stepsPerTurn: 3,
  },
  d: {
    ...images,
    name: 'd',
    title: 'CNN 3x3 16-32, 2 max pools, dense, 32x32x3, B 64, S 4',
    network: { kind: 'cnn', filters: [16, 32] },
    batch: 64,
    likelihood: { kind: 'categorical' },
    stepsPerTurn: 6,
  },
} as const satisfies Record<string, Config>;

export type ConfigName = keyof typeof configs;
export const configNames = Object.keys(configs) as ConfigName[];

export type DeviceKind = 'cpu' | 'gpu';
