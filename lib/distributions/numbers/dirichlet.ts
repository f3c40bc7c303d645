import { CredenceError } from '../../errors';
import { checkList, checkPositive } from './arguments';
import { digamma, logGamma } from './gammaFunctions';

/** A distribution over probabilities of C labels. */
export interface Dirichlet {
  readonly name: string;
  readonly concentrations: readonly number[];
  /** log p of probabilities that add up to 1. */
  logProb(probabilities: ArrayLike<number>): number;
  /** In nats. */
  readonly entropy: number;
  /** KL(this || other), in nats. */
  kl(other: Pick<Dirichlet, 'concentrations'>): number;
}

const sumOf = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** log of the multivariate beta function. */
const logNormalizer = (a: readonly number[]): number => sumOf(a.map(logGamma)) - logGamma(sumOf(a));

/** @throws CredenceError E_SHAPE */
function checkLength(got: number, want: number): void {
  if (got === want) return;
  throw new CredenceError('E_SHAPE', `this Dirichlet distribution is over ${want} labels, got ${got}`);
}

/**
 * The Dirichlet distribution: prod p_i^(a_i - 1) / B(a), for concentrations a.
 * @throws CredenceError E_OPTION; E_SHAPE where numbers of labels differ
 */
export function dirichlet(concentrations: ArrayLike<number>): Dirichlet {
  const what = 'distributions.dirichlet: concentrations';
  const a = checkList(concentrations, what);
  a.forEach((each, i) => checkPositive(each, `${what}[${i}]`));
  const total = sumOf(a);
  const means = a.map((each) => digamma(each) - digamma(total)); // of log p_i
  return {
    name: `Dirichlet(${a.join(', ')})`,
    concentrations: a,
    logProb(probabilities) {
      checkLength(probabilities.length, a.length);
      const terms = a.map((each, i) => (each === 1 ? 0 : (each - 1) * Math.log(probabilities[i]!)));
      return sumOf(terms) - logNormalizer(a);
    },
    entropy: logNormalizer(a) - sumOf(a.map((each, i) => (each - 1) * means[i]!)),
    kl({ concentrations: b }) {
      checkLength(b.length, a.length);
      return logNormalizer(b) - logNormalizer(a) + sumOf(a.map((each, i) => (each - b[i]!) * means[i]!));
    },
  };
}
