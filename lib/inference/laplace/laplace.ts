import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { normal } from '../../distributions/normal';
import type { Prior } from '../../distributions/prior';
import { CredenceError } from '../../errors';
import { sizeOf } from '../../ndarray';
import { positive, validate } from '../../validate';
import { answersBy, partsOf } from '../learning';
import type { Draws, Learned, Method, Problem, Program } from '../method';
import { keysOf } from '../families/noise';
import { points } from '../points';
import { priorSchema } from '../priorOption';
import { standardNormals } from '../families/sampling';
import { curvatureOf } from './curvature';
import { bestPrecision, determined, type Evidence, logEvidence } from './evidence';
import { differences, variablesOf, vectorsOf } from './gaussian';
import { blocksOf, chosen, type LaplaceStructure, structures } from './layout';
import { network } from './network';
import { normalPrior } from './normalPrior';
import { productsOf } from './products';
import { spectrumOf } from './spectrum';
import { tangentOf } from './tangent';

/** Options of `laplace`. */
export interface LaplaceOptions {
  /** What is believed of each weight beforehand: a normal distribution, the same for all. Default `priors.normal(0, 1)`. */
  prior?: Prior;
  /** Weights that get a distribution: those of the last layer (default), or all. The others stay at the mode. */
  over?: 'last' | 'all';
  /**
   * How weights depend on each other: 'full' (each on each), 'diagonal' (not at all), 'kronecker' (within a dense or convolutional layer, as
   * inputs times outputs; weights of other kinds not at all). Default 'kronecker'.
   */
  structure?: LaplaceStructure;
  /**
   * The precision (1 / variance) of the normal distribution that the weights are believed to come from, when the mode is known: the one
   * of `prior` (default), or the one of most evidence.
   */
  precision?: 'prior' | 'marginal likelihood';
  /**
   * What a draw predicts: the network with the weights drawn ('samples', default for the last layer), or the tangent to the network at the mode
   * ('linearised', default for all), which suits a curvature that was taken there. They are the same where outputs are linear in the weights.
   */
  predictive?: 'samples' | 'linearised';
  /** The covariance of the posterior is multiplied by it: below 1 the posterior is cold. Default 1. */
  temperature?: number;
}

const options = v.strictObject({
  prior: v.optional(priorSchema, () => normal(0, 1)),
  over: v.optional(v.picklist(['last', 'all']), 'last'),
  structure: v.optional(v.picklist(structures), 'kronecker'),
  precision: v.optional(v.picklist(['prior', 'marginal likelihood']), 'prior'),
  predictive: v.optional(v.picklist(['samples', 'linearised'])),
  temperature: v.optional(positive(), 1),
});

type Settings = Required<LaplaceOptions>;

function build(settings: Settings, problem: Problem): Program {
  const { over, structure, predictive, temperature } = settings;
  const { likelihood, inputShape } = problem;
  const root = likelihood.fisherRoot;
  if (!root) {
    throw new CredenceError(
      'E_OPTION',
      `laplace knows no curvature of the ${likelihood.name} likelihood, only of likelihoods.categorical, bernoulli, gaussian and poisson: use one of these, or another method`,
    );
  }
  const prior = normalPrior(settings.prior);
  const program = points(problem, { prior: settings.prior });
  const parts = partsOf(problem);
  const net = network(parts);
  const count = program.vectors.length;
  const outputs = sizeOf(parts.built.outputShape);
  const places = chosen(net, over);
  const products = productsOf(net, inputShape);
  const blocks = blocksOf(net, places, structure, products);
  const order = blocks.flatMap((block) => block.places);
  const tangent = predictive === 'linearised' ? tangentOf(net, products, order, outputs) : undefined;

  const conclude: Program['conclude'] = async ({ vectors }, data): Promise<Learned> => {
    const { nll, sums } = await curvatureOf(net, { likelihood, root, outputs }, blocks, vectors, data);
    const spectra = blocks.map((block, i) => spectrumOf(block, sums[i]!, data.x.shape[0]!));
    const distance = tf.tidy(() => {
      const values = net.cut(vectors.map((values) => tf.tensor1d(values)));
      const squares = places.map((place) => tf.sum(tf.squaredDifference(values[place]!, prior.mean)));
      return tf.addN(squares).dataSync()[0]!;
    });
    const eigenvalues = Float64Array.from(spectra.flatMap((each) => [...each.eigenvalues]));
    const evidence: Evidence = { nll, distance, eigenvalues };
    const precision = settings.precision === 'prior' ? prior.precision : bestPrecision(evidence);
    const variables = [...program.variables];
    const all = [...vectors];
    blocks.forEach((block, i) => {
      variables.push(...variablesOf(net, block, all.length));
      all.push(...vectorsOf(spectra[i]!, precision, temperature));
    });
    return {
      vectors: all,
      variables,
      draws: Infinity,
      notes: [
        `prior precision ${precision.toPrecision(4)}${settings.precision === 'prior' ? '' : ' (of most evidence)'}`,
        `log evidence ${logEvidence(evidence, precision).toPrecision(6)}`,
        `${determined(evidence, precision).toFixed(2)} of ${eigenvalues.length} weights determined by the data`,
      ],
    };
  };

  /** Differences of the weights from the mode, [S, size] in the order of their places. */
  const drawn = (factors: readonly tf.Tensor[], mode: readonly tf.Tensor[], { keys }: Draws): tf.Tensor[] => {
    let next = 0;
    return blocks.flatMap((block, i) => {
      const own = factors.slice(next, (next += 1 + block.sides.length));
      const noise = standardNormals(
        keysOf(keys, program.streams + i),
        [1, block.size],
        tf.scalar(0, 'int32'),
      );
      const all = differences(block, own, tf.reshape(noise, [-1, block.size]));
      const sizes = block.places.map((place) => mode[place]!.size);
      return tf.split(all, sizes, 1);
    });
  };
  /** Outputs [S, B, C] and the parameters of the likelihood. */
  const say = (learned: readonly tf.Tensor[], x: tf.Tensor, draws: Draws) => {
    const mode = net.cut(learned.slice(0, count));
    const parameters = net.parameters(mode);
    const outputs = (weights: readonly tf.Tensor[]): tf.Tensor =>
      net.outputs(weights, tf.expandDims(x, 0), { draws });
    if (learned.length === count) return { outputs: outputs(mode), parameters }; // it still trains
    const moves = drawn(learned.slice(count), mode, draws);
    if (tangent) return { outputs: tf.add(outputs(mode), tangent(mode, x, moves)), parameters };
    const weights = [...mode];
    order.forEach((place, i) => (weights[place] = tf.add(mode[place]!, moves[i]!)));
    return { outputs: outputs(weights), parameters };
  };

  return {
    ...program,
    streams: program.streams + blocks.length,
    conclude,
    ...answersBy(
      likelihood,
      blocks.reduce((sum, { size }) => sum + size, 0),
      say,
    ),
  };
}

/**
 * Laplace's approximation: trains a network as `map` does, and takes the posterior for a normal distribution around the mode whose
 * precision is the curvature of the loss there: the generalised Gauss-Newton matrix over all data, and the precision of the prior (MacKay,
 * "A practical Bayesian framework for backpropagation networks", 1992; Ritter, Botev and Barber, "A scalable Laplace approximation for neural
 * networks", 2018; Daxberger et al., "Laplace redux", 2021). Linearised predictions: Immer, Korzepa and Bauer, "Improving predictions of
 * Bayesian neural nets via local linearization", 2021. For the categorical, Bernoulli, Gaussian and Poisson likelihoods and normal priors.
 * @throws CredenceError E_OPTION
 */
export function laplace(given: LaplaceOptions = {}): Method {
  const checked = validate(options, given, 'laplace');
  const { over, structure, prior, precision, temperature } = checked;
  const predictive = checked.predictive ?? (over === 'last' ? 'samples' : 'linearised');
  return {
    name: `laplace (${over === 'last' ? 'last layer' : 'all layers'}, ${structure}, prior ${prior.name}, precision by ${precision}, ${predictive}, temperature ${temperature})`,
    build: (problem) => build({ ...checked, predictive }, problem),
  };
}
