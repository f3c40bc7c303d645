/** What is believed of weights beforehand, as an option of methods. */
import * as v from 'valibot';
import type { Prior } from '../distributions/prior';
import { CredenceError } from '../errors';
import type { Parameter } from '../layers/layer';

/** What a prior may depend on: name, shape, and the number of inputs that each output sums over. @inline */
export type PriorParameter = Pick<Parameter, 'name' | 'shape' | 'fanIn'>;

/** The same prior for all weights, or a function that gives that of each Bayesian parameter. @inline */
export type PriorOption = Prior | ((parameter: PriorParameter) => Prior);

const isPrior = (value: unknown): value is Prior => {
  const { name, logProb } = (value ?? {}) as Partial<Prior>;
  return typeof name === 'string' && typeof logProb === 'function';
};

const rule = 'must be a prior, such as priors.normal(0, 1)';
export const priorSchema = v.custom<Prior>(isPrior, rule);
export const priorOption = v.custom<PriorOption>(
  (value) => typeof value === 'function' || isPrior(value),
  `${rule}, or a function that gives one for each parameter`,
);

/** The prior of a parameter. @throws CredenceError E_OPTION if the function gives something else */
export function priorOf(prior: PriorOption, { name, shape, fanIn }: PriorParameter): Prior {
  if (typeof prior !== 'function') return prior;
  const own: unknown = prior({ name, shape, fanIn });
  if (isPrior(own)) return own;
  throw new CredenceError(
    'E_OPTION',
    `option 'prior' must give a prior for each parameter, such as priors.normal(0, 1), and gave ${String(own)} for '${name}'`,
  );
}

/** Tells a function by what it gives for matrices of few and many inputs, and for a bias. */
export function priorName(prior: PriorOption): string {
  if (typeof prior !== 'function') return prior.name;
  const probes = [1, 64].map((fanIn) => ({ name: '0.dense.kernel', shape: [fanIn, 1], fanIn }));
  const bias = { name: '0.dense.bias', shape: [1], fanIn: 64 };
  return `by parameter: ${[...probes, bias].map((probe) => priorOf(prior, probe).name).join(', ')}`;
}
