/** What `hmc` and `nuts` have in common. */
import * as v from 'valibot';
import { normal } from '../../distributions/normal';
import { count, positive } from '../../validate';
import type { Method } from '../method';
import { priorName, type PriorOption, priorOption } from '../priorOption';
import type { Sampler } from './chain';
import { chainProgram } from './program';

/** Options of `hmc` and `nuts`. */
export interface ChainOptions {
  /** Markov chains, which start apart and know nothing of each other; workers share them out. Default 4. */
  chains?: number;
  /** Iterations that adapt step size and mass matrix, and are forgotten; at least 150 for all that Stan does in them. Default 500. */
  warmup?: number;
  /** Iterations that are kept, of each chain. Default 500. */
  draws?: number;
  /** What is believed of each weight beforehand; a function gives that of each parameter. Default `priors.normal(0, 1)`. */
  prior?: PriorOption;
  /** The mean probability of acceptance that the step size is adapted to: more of it means smaller steps. Default 0.8. */
  targetAccept?: number;
  /** A step size to keep. Then nothing is adapted, and all masses are 1. Default: adapted. */
  stepSize?: number;
}

const probability = 'must be a number between 0 and 1';

export const chainEntries = {
  chains: v.optional(count(1), 4),
  warmup: v.optional(count(1), 500),
  draws: v.optional(count(1), 500),
  prior: v.optional(priorOption, () => normal(0, 1)),
  targetAccept: v.optional(
    v.pipe(v.number(probability), v.gtValue(0, probability), v.ltValue(1, probability)),
    0.8,
  ),
  stepSize: v.optional(positive()),
};

type Settings = Required<Omit<ChainOptions, 'stepSize'>> & { stepSize?: number | undefined };

/** @param path what its iterations are like, in words */
export function chainsMethod(
  kind: Sampler['kind'],
  path: string,
  { chains, warmup, draws, prior, targetAccept, stepSize }: Settings,
  own: Pick<Sampler, 'steps' | 'pathLength' | 'maxTreeDepth'>,
): Method {
  const sampler: Sampler = { kind, warmup, targetAccept, stepSize, ...own };
  const size = stepSize === undefined ? `targetAccept ${targetAccept}` : `stepSize ${stepSize}`;
  return {
    name: `${kind} (${chains} chains, ${warmup} + ${draws} iterations, ${path}, ${size}, prior ${priorName(prior)})`,
    refuses: ['optimizer', 'epochs', 'batchSize', 'augment', 'samplesPerCall', 'exchange'],
    iterations: warmup + draws,
    build: (problem) => chainProgram(problem, kind, { prior, chains, draws, sampler }),
  };
}
