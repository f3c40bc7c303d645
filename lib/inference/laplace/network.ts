/** A network at given values of its weights, which may differ between samples. */
import * as tf from '@tensorflow/tfjs';
import type { Draw, Parameter } from '../../layers/layer';
import { ofLikelihood, type Parts } from '../learning';
import { Members } from '../families/members';
import type { Draws } from '../method';

export type LinearMap = (x: tf.Tensor, w: tf.Tensor) => tf.Tensor;

/** Sees how a network uses its parameters. */
export interface Watch {
  /** A linear map of the parameter `name`. @returns what goes on in place of its output op(x, W) */
  linear(name: string, op: LinearMap, x: tf.Tensor, output: tf.Tensor): tf.Tensor;
  /** A use of another kind. */
  value?(name: string): void;
}

export interface Network {
  /** The Bayesian parameters, in the order of their parts. */
  weights: readonly Parameter[];
  /** [1, size] of each parameter, the weights first. */
  cut(vectors: readonly tf.Tensor[]): tf.Tensor[];
  /** The same where all are zero. */
  zeros(): tf.Tensor[];
  /**
   * x [S or 1, B, ...] -> [S or 1, B, C].
   * @param parts [S or 1, size] of each parameter
   * @param draws for the noise of layers, which is off without them
   */
  outputs(parts: readonly tf.Tensor[], x: tf.Tensor, given?: { draws?: Draws; watch?: Watch }): tf.Tensor;
  /** The parameters of the likelihood, [1, 1, ...]. */
  parameters(parts: readonly tf.Tensor[]): tf.Tensor[];
}

const watched = (draw: Draw, watch: Watch, path = ''): Draw => ({
  value(name) {
    watch.value?.(path + name);
    return draw.value(name);
  },
  linear: (op, x, name) => watch.linear(path + name, op, x, draw.linear(op, x, name)),
  noise: (name, shape) => draw.noise(name, shape),
  moving: (name, statistic) => draw.moving(name, statistic),
  part: (name) => watched(draw.part(name), watch, `${path}${name}.`),
});

const noDraws = (): Draws => ({
  keys: tf.zeros([0, 1, 2], 'int32'),
  numbers: tf.zeros([1], 'int32'),
});

export function network({ built, likelihood, parameters, noise }: Parts): Network {
  const noisy = new Members(parameters, noise);
  const quiet = new Members(
    parameters,
    noise.map((each) => ({ ...each, always: false })),
  );
  const drawOf = (parts: readonly tf.Tensor[], draws: Draws | undefined): Draw =>
    (draws ? noisy : quiet).draw(
      parts,
      { ...(draws ?? noDraws()), first: tf.scalar(0, 'int32'), samples: 1 },
      'prediction',
    );
  const cut = (vectors: readonly tf.Tensor[]): tf.Tensor[] => quiet.cut(vectors, noDraws(), 'prediction');
  return {
    weights: parameters.filter(({ bayesian }) => bayesian),
    cut,
    zeros: () => cut(quiet.vectors.map(({ length }) => tf.zeros([length]))),
    outputs(parts, x, { draws, watch } = {}) {
      const draw = drawOf(parts, draws);
      return built.apply(watch ? watched(draw, watch) : draw, x);
    },
    parameters(parts) {
      const draw = drawOf(parts, undefined);
      return likelihood.parameters.map(({ name }) => tf.expandDims(draw.value(ofLikelihood(name)), 1));
    },
  };
}
