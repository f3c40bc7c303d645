import { CredenceError } from '../../errors';
import { checkList } from './arguments';

/** A distribution over labels 0 .. C - 1. */
export interface Categorical {
  readonly name: string;
  readonly probabilities: readonly number[];
  /** log p of a label. */
  logProb(label: number): number;
  /** In nats. */
  readonly entropy: number;
  /** KL(this || other), in nats: Infinity where this has a label that the other excludes. */
  kl(other: Pick<Categorical, 'probabilities'>): number;
}

/** What rounding may leave of the sum of probabilities: that of floats. */
const SLACK = 1e-5;

/** p times a logarithm, which is 0 for p = 0. */
const weighted = (p: number, log: number): number => (p === 0 ? 0 : p * log);

/**
 * The categorical distribution with these probabilities.
 * @throws CredenceError E_OPTION if they are none; E_SHAPE, of kl, if the other has another number of labels
 */
export function categorical(probabilities: ArrayLike<number>): Categorical {
  const p = checkList(probabilities, 'distributions.categorical: probabilities');
  const sum = p.reduce((a, b) => a + b, 0);
  if (!p.every((each) => each >= 0) || !(Math.abs(sum - 1) <= SLACK)) {
    throw new CredenceError(
      'E_OPTION',
      `distributions.categorical: probabilities must be at least 0 and add up to 1, got a sum of ${sum}`,
    );
  }
  return {
    name: `categorical(${p.length} labels)`,
    probabilities: p,
    logProb: (label) => Math.log(p[label] ?? 0),
    entropy: p.reduce((total, each) => total - weighted(each, Math.log(each)), 0),
    kl({ probabilities: q }) {
      if (q.length !== p.length) {
        throw new CredenceError(
          'E_SHAPE',
          `a divergence is between distributions over the same labels, got ${p.length} and ${q.length} of them`,
        );
      }
      return p.reduce((total, each, i) => total + weighted(each, Math.log(each / q[i]!)), 0);
    },
  };
}
