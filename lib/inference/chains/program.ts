import * as tf from '@tensorflow/tfjs';
import { normalLogProb } from '../../distributions/normal';
import { CredenceError } from '../../errors';
import type { Parameter } from '../../layers/layer';
import { sizeOf } from '../../ndarray';
import { elbo } from '../../objectives/elbo';
import { chainDraws } from '../langevin/chainDraws';
import { answers, learning, type Parts, partsOf } from '../learning';
import { Members } from '../families/members';
import type { Problem, Program } from '../method';
import { type PriorOption, priorOf } from '../priorOption';
import { CHAIN_SLOTS, notes, type Sampler } from './chain';
import { diagnose } from './diagnostics';
import { chainLayout } from './layout';

interface Settings {
  prior: PriorOption;
  chains: number;
  draws: number;
  sampler: Sampler;
}

/**
 * Standard deviation of what is believed of all that the prior of the weights is not for, around the values that it starts from: scales of
 * norms, the logarithm of noise.
 */
const OTHERS_STD = 3;

/** Chains are moved by their potential: there is no gradient of several at once, and no update. */
const never = (): never => {
  throw new Error('a program of chains has no such step');
};

/**
 * Chains whose density is the posterior of all parameters of a model and its likelihood, given all data. They lie side by side as
 * members do; what is kept are their positions after each iteration that counts.
 */
export function chainProgram(
  problem: Problem,
  what: string,
  { prior, chains, draws, sampler }: Settings,
): Program {
  const parts = partsOf(problem);
  const { parameters } = parts;
  if (parts.noise.length > 0) {
    throw new CredenceError(
      'E_OPTION',
      `${what} needs a model that is the same function in each step, and this one draws noise (${parts.noise[0]!.name}): leave layers such as dropout out, or use another method`,
    );
  }
  const moving = parameters.find(({ isMoving }) => isMoving);
  if (moving) {
    throw new CredenceError(
      'E_OPTION',
      `${what} needs a model whose density is a function of its weights alone, and this one follows averages over batches (${moving.name}): use layers.groupNorm or layers.layerNorm in place of batchNorm, or another method`,
    );
  }
  const family = new Members(parameters, [], chains);
  const ofNotes = {
    name: 'sampler',
    shape: [chains, notes.length],
    vector: family.vectors.length,
    offset: 0,
  };
  const length = chains * notes.length;
  const vectors = [...family.vectors, { length, initial: () => new Float32Array(length) }];
  const variables = [...family.variables, ofNotes];
  const room = chains * draws;
  return {
    vectors,
    // a model that has no parameters has nothing to learn
    variables: parameters.length > 0 ? variables : [],
    draws: chains,
    samples: chains,
    streams: 0,
    slots: CHAIN_SLOTS,
    hamiltonian: {
      sampler,
      layout: chainLayout(variables, chains),
      potential: potentialOf(parts, prior),
    },
    gradients: never,
    update: never,
    keeping: { from: sampler.warmup + 1, every: 1, count: draws },
    learn(trained) {
      const positions = (arrays: readonly Float32Array[]): Float32Array[] => arrays.slice(0, ofNotes.vector);
      const kept = trained.kept.map(positions);
      const drawn = { vectors: positions(trained.vectors), kept };
      const sets = trained.kept.length > 0 ? trained.kept : [trained.vectors];
      return {
        ...chainDraws({ chains, room: draws, variables: family.variables }, drawn),
        diagnostics: diagnose(
          sets.map((set) => set[ofNotes.vector]!),
          chains,
          sampler,
        ),
      };
    },
    ...answers(new Members(parameters, [], room), parts),
  };
}

/** -log of the density of one chain: q [dim], all x and y -> [nll, nlp, ...gradient] of the sum of both, one vector to be read at once. */
function potentialOf({ parameters, built, likelihood, noise }: Parts, prior: PriorOption) {
  const one = new Members(parameters, []);
  const { gradients } = learning(one, { parameters, built, likelihood, noise }, elbo(likelihood), 1);
  const others = parameters.filter(({ bayesian }) => !bayesian);
  const hasWeights = others.length < parameters.length;
  const weights = parameters.filter(({ bayesian }) => bayesian);
  const logPriorOf = (all: tf.Tensor): tf.Tensor => {
    if (typeof prior !== 'function') return tf.sum(prior.logProb(all));
    const parts = tf.split(
      all,
      weights.map(({ shape }) => sizeOf(shape)),
    );
    return tf.addN(parts.map((part, i) => tf.sum(priorOf(prior, weights[i]!).logProb(part))));
  };
  const logPrior = (...values: tf.Tensor[]): tf.Scalar => {
    const terms = values.map((value, i): tf.Tensor => {
      if (hasWeights && i === 0) return logPriorOf(value);
      const centre = tf.concat(others.map(startOf));
      return tf.sum(normalLogProb(value, centre, tf.scalar(Math.log(OTHERS_STD))));
    });
    return tf.sum(tf.stack(terms));
  };
  return (q: tf.Tensor, x: tf.Tensor, y: tf.Tensor): tf.Tensor => {
    const size = x.shape[0];
    const values = tf.split(
      q,
      one.vectors.map(({ length }) => length),
    );
    const [first, numbers] = [tf.scalar(0, 'int32'), tf.zeros([1], 'int32')];
    const keys = tf.zeros([1, 1, 2], 'int32'); // nobody draws
    const [nll, ...ofData] = gradients(values, { x, y, keys, numbers, first, step: tf.scalar(1), size });
    const { value: logP, grads: ofPrior } = tf.valueAndGrads(logPrior)(values);
    const gradient = ofData.map((each, i) => tf.sub(tf.mul(each, size), ofPrior[i]!));
    return tf.concat([tf.reshape(tf.mul(nll!, size), [1]), tf.reshape(tf.neg(logP), [1]), ...gradient]);
  };
}

/** The values that a parameter starts from; 0 where they are random. */
function startOf({ initial, shape }: Parameter): tf.Tensor {
  if (initial instanceof Float32Array) return tf.tensor1d(initial);
  return tf.fill([sizeOf(shape)], initial === 'uniform' ? 0 : initial);
}
