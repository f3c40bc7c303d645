/** What a variational posterior looks like around its means: draws of it, and its divergence from a prior. */
import * as tf from '@tensorflow/tfjs';
import { divergence, integral, normalEntropy } from '../../distributions/divergence';
import { digamma, logBeta } from '../../distributions/numbers/gammaFunctions';
import type { PosteriorForm } from '../../distributions/posteriors';
import type { NormalParameters, Prior } from '../../distributions/prior';
import { sampleNormal, sampleStudentT, standardNormals } from './sampling';

/** Parameters of the weights of a piece, [n] each. */
export interface FormParameters extends NormalParameters {
  /** Directions in which all weights vary together. */
  factors: readonly tf.Tensor[];
}

export interface Form {
  /** Factors that it has. */
  readonly rank: number;
  /** Tensors of noise for the draws of a piece, and those that the draws of all pieces share. */
  readonly streams: number;
  readonly shared: number;
  /** Whether weights are normal and independent, which estimators of linear maps take for granted. */
  readonly isMeanField: boolean;
  /** Draws of a piece, [S, n]. @param keys [S, 2] for each stream, the shared ones last */
  draw(parameters: FormParameters, keys: readonly tf.Tensor[]): tf.Tensor;
  /** The divergence from a prior, elementwise. */
  divergence(prior: Prior, parameters: FormParameters, step: tf.Tensor): tf.Tensor;
  /** What the divergence has beside that: it depends on all pieces together. */
  coupling?(pieces: readonly FormParameters[]): tf.Tensor;
}

const normal: Form = {
  rank: 0,
  streams: 1,
  shared: 0,
  isMeanField: true,
  draw: (parameters, [keys]) => sampleNormal(parameters, keys!),
  divergence,
};

/** Entropy of Student's t distribution of scale 1. */
const studentTEntropy = (df: number): number =>
  ((df + 1) / 2) * (digamma((df + 1) / 2) - digamma(df / 2)) + 0.5 * Math.log(df) + logBeta(df / 2, 0.5);

const studentT = (df: number): Form => ({
  rank: 0,
  streams: 2,
  shared: 0,
  isMeanField: false,
  draw: (parameters, [keys, others]) => sampleStudentT(parameters, df, keys!, others!),
  divergence(prior, { mean, logStd }, step) {
    const entropy = tf.add(logStd, studentTEntropy(df));
    if (!prior.isQuadratic)
      return tf.neg(tf.add(entropy, integral.studentT(df, prior, { mean, logStd }, step)));
    // the prior's mean log density depends on mean and variance alone: it is that under a normal distribution with the same
    const same = { mean, logStd: tf.add(logStd, 0.5 * Math.log(df / (df - 2))) };
    return tf.sub(tf.add(divergence(prior, same, step), normalEntropy(same.logStd)), entropy);
  },
});

/** log det of a symmetric positive definite matrix [k, k], for small k, by elimination. */
function logDeterminant(matrix: tf.Tensor, k: number): tf.Tensor {
  let [rest, sum] = [matrix, tf.scalar(0) as tf.Tensor];
  for (let size = k; size > 0; size--) {
    const pivot = tf.reshape(tf.slice(rest, [0, 0], [1, 1]), []);
    sum = tf.add(sum, tf.log(pivot));
    if (size === 1) break;
    const column = tf.slice(rest, [1, 0], [size - 1, 1]);
    const below = tf.slice(rest, [1, 1], [size - 1, size - 1]);
    rest = tf.sub(below, tf.div(tf.matMul(column, column, false, true), pivot));
  }
  return sum;
}

const lowRank = (rank: number): Form => ({
  rank,
  streams: 1,
  shared: 1,
  isMeanField: false,
  draw(parameters, [keys, shared]) {
    const own = sampleNormal(parameters, keys!);
    const along = tf.reshape(standardNormals(shared!, [1, rank], tf.scalar(0, 'int32')), [-1, rank]);
    return tf.add(own, tf.matMul(along, tf.stack([...parameters.factors])));
  },
  divergence(prior, { mean, logStd, factors }, step) {
    // of the marginals, as far as their entropy is not shared: KL = sum of these - log det(I + F' D^-1 F) / 2
    const spread = factors.map((factor) => tf.square(factor));
    const variance = tf.addN([tf.exp(tf.mul(logStd, 2)), ...spread]);
    const marginal = tf.mul(tf.log(variance), 0.5);
    return tf.add(divergence(prior, { mean, logStd: marginal }, step), tf.sub(marginal, logStd));
  },
  coupling(pieces) {
    const squares = pieces.map(({ logStd, factors }) => {
      const scaled = tf.mul(tf.stack([...factors]), tf.expandDims(tf.exp(tf.neg(logStd)), 0));
      return tf.matMul(scaled, scaled, false, true);
    });
    return tf.mul(logDeterminant(tf.add(tf.eye(rank), tf.addN(squares)), rank), -0.5);
  },
});

export function formOf(form: PosteriorForm): Form {
  if (form.kind === 'normal') return normal;
  return form.kind === 'studentT' ? studentT(form.df) : lowRank(form.rank);
}
