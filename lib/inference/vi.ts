import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { normal } from '../distributions/normal';
import { type PosteriorForm, posteriors } from '../distributions/posteriors';
import type { Prior } from '../distributions/prior';
import { fuse } from '../engine/compile/fuse';
import type { TensorFunction } from '../engine/compile/trace';
import { type ObjectiveName, objectiveNames, objectives } from '../objectives';
import { CredenceError } from '../errors';
import type { Optimizer } from '../optimizers/transform';
import { count, positive, validate } from '../validate';
import { type EstimatorName, estimatorNames } from './families/estimators';
import { type Form, formOf } from './families/forms';
import { learning, partsOf } from './learning';
import { MeanField } from './families/meanField';
import { klWeightAt, klWeightName, klWeightSchema, type KlWeight } from './klWeight';
import type { Method, Problem, Program } from './method';
import { priorName, priorOf, type PriorOption, priorOption } from './priorOption';
import { advance, inOrder, plainUpdate, type Stepped } from './updates';

/** Options of `vi`. */
export interface ViOptions {
  /** Weight samples drawn for each step, over all workers. Default 8. */
  samples?: number;
  /**
   * What is believed of each weight beforehand; a function gives that of each parameter, by its name, shape or number of inputs. Default
   * `priors.normal(0, 1)`.
   */
  prior?: PriorOption;
  /**
   * The data term of the loss. 'elbo' (default): mean_s -log p(y | w_s), the evidence lower bound. 'predictive': -log of the predictive
   * distribution of all samples together, mean_s softmax(logits_s) or the normal distribution fitted to the samples, the same for any number
   * of workers. 'predictivePerWorker': that of each worker's samples alone, averaged, as in the paper; it depends on the number of workers.
   */
  objective?: ObjectiveName;
  /**
   * How the gradient is estimated. 'weights': plain weight sampling, as in the paper. 'local': local reparameterisation, of much lower
   * variance, and cheaper in dense layers. 'auto' (default): 'local' in dense layers of feature vectors, 'weights' in convolutions and
   * for tokens. 'flipout': random signs make the noise differ between data; less variance than 'weights' for about twice its cost.
   */
  estimator?: EstimatorName;
  /**
   * Factor of the KL divergence; 1 is the evidence lower bound, less is a 'cold' posterior (torch_blue calls it heat), 0 no prior at all.
   * `{ from, to, steps }` goes evenly from one to the other in the first steps: a warm-up. Default 1.
   */
  klWeight?: KlWeight;
  /**
   * The form of the posterior: `posteriors.normal()` (default), each weight apart; `posteriors.studentT()`, with heavy tails;
   * `posteriors.lowRank()`, in which weights vary together. Only of the first do 'local' and 'flipout' know how a linear map is distributed.
   */
  posterior?: PosteriorForm;
  /** Standard deviation of the posterior at the start, times 1/sqrt(fan-in); or a function of fan-in that gives all of it. Default 0.5. */
  initialStd?: number | ((fanIn: number) => number);
}

const options = v.strictObject({
  samples: v.optional(count(1), 8),
  prior: v.optional(priorOption, () => normal(0, 1)),
  objective: v.optional(v.picklist(objectiveNames), 'elbo'),
  estimator: v.optional(v.picklist(estimatorNames), 'auto'),
  klWeight: v.optional(klWeightSchema, 1),
  initialStd: v.optional(
    v.lazy((value) =>
      typeof value === 'function' ? v.custom<(fanIn: number) => number>(() => true) : positive(),
    ),
    0.5,
  ),
  posterior: v.optional(
    v.custom<PosteriorForm>(
      (value) => typeof (value as Partial<PosteriorForm> | null)?.kind === 'string',
      'must be the form of a posterior, such as posteriors.normal()',
    ),
    () => posteriors.normal(),
  ),
});

/** One fused update of all that a form is made of, with the gradient of its divergence. */
const bayesianUpdate = (
  form: Form,
  prior: Prior,
  optimizer: Optimizer,
  klWeight: KlWeight,
  size: number,
): TensorFunction =>
  fuse<TensorFunction>((step, ...rest) => {
    const count = 2 + form.rank;
    const [values, gradients, slots] = [
      rest.slice(0, count),
      rest.slice(count, 2 * count),
      rest.slice(2 * count),
    ];
    const kl = (mean: tf.Tensor, logStd: tf.Tensor, ...factors: tf.Tensor[]): tf.Tensor =>
      tf.mul(
        tf.sum(form.divergence(prior, { mean, logStd, factors }, step)),
        tf.div(klWeightAt(klWeight, step), size),
      );
    const { value, grads } = tf.valueAndGrads(kl)(values);
    const each = optimizer.slots;
    const stepped = values.map((of, i) =>
      advance(optimizer, of, tf.add(gradients[i]!, grads[i]!), slots.slice(i * each, (i + 1) * each), step),
    );
    return [value, ...stepped.flat()];
  });

/** The update of a mean-field posterior with this prior, unless that is part of its gradient, and of the values beside it. */
export function meanFieldUpdate(
  family: MeanField,
  prior: Prior | undefined,
  { optimizer, size }: Problem,
  klWeight: KlWeight,
): Pick<Program, 'update' | 'slots' | 'optimizer'> {
  const bayesian = prior && bayesianUpdate(family.form, prior, optimizer, klWeight, size);
  const plain = plainUpdate(optimizer);
  const count = family.bayesianVectors;
  const { slots } = optimizer;
  return {
    slots,
    optimizer,
    update(gradients, given, state, step) {
      const stepped: Stepped[] = [];
      let kl: tf.Tensor = tf.scalar(0);
      if (family.bayesian && bayesian) {
        const of = [given, gradients].flatMap((each) => each.slice(0, count));
        const [value, ...rest] = bayesian(step, ...of, ...state.slice(0, count * slots)) as [
          tf.Tensor,
          ...tf.Tensor[],
        ];
        kl = value;
        for (let i = 0; i < count; i++) stepped.push(rest.slice(i * (1 + slots), (i + 1) * (1 + slots)));
      }
      for (let i = stepped.length; i < given.length; i++) {
        const own = state.slice(i * slots, (i + 1) * slots);
        stepped.push(plain(family.vectors[i]!, step, given[i]!, gradients[i]!, own));
      }
      return [kl, ...inOrder(stepped)];
    },
  };
}

function build(
  { samples, prior, objective, estimator, klWeight, initialStd, posterior }: Required<ViOptions>,
  problem: Problem,
): Program {
  const parts = partsOf(problem);
  const form = formOf(posterior);
  const family = new MeanField(
    parts.parameters,
    initialStd,
    form.isMeanField ? estimator : 'weights',
    parts.noise,
    form,
  );
  // an update is of parts of the vectors, wherever these begin: it does not know the parameters
  const isOne = typeof prior !== 'function';
  const coupling = (of: readonly tf.Tensor[], step: tf.Tensor): tf.Tensor => {
    const own = isOne ? [] : [family.divergence(of, (parameter) => priorOf(prior, parameter), step)];
    const all = form.coupling ? [...own, family.coupling(of)] : own;
    return tf.mul(tf.addN(all), tf.div(klWeightAt(klWeight, step), problem.size));
  };
  const wanted = family.bayesian || parts.noise.length > 0 ? samples : 1;
  return {
    ...learning(
      family,
      parts,
      objectives[objective](problem.likelihood),
      wanted,
      family.bayesian && (form.coupling || !isOne) ? coupling : undefined,
    ),
    ...meanFieldUpdate(family, isOne ? prior : undefined, problem, klWeight),
  };
}

/**
 * Mean-field variational inference (Graves 2011; Blundell et al. 2015): each weight gets a normal distribution, fitted by minimising
 * the negative evidence lower bound per datum, E_q[-log p(y | x, w)] + klWeight KL(q || prior) / N, or with another data term.
 */
export function vi(given: ViOptions = {}): Method {
  const settings = validate(options, given, 'vi');
  const { samples, objective, estimator, prior, klWeight, initialStd, posterior } = settings;
  if (posterior.kind !== 'normal' && (estimator === 'local' || estimator === 'flipout')) {
    throw new CredenceError(
      'E_OPTION',
      `vi: estimator '${estimator}' needs weights that are normal and independent, and the posterior is ${posterior.name}: leave the estimator out`,
    );
  }
  const form = posterior.kind === 'normal' ? '' : `posterior ${posterior.name}, `;
  return {
    name: `vi (${samples} samples, ${objective}, ${estimator}, ${form}prior ${priorName(prior)}, klWeight ${klWeightName(klWeight)}, initialStd ${typeof initialStd === 'number' ? initialStd : `by fan-in: ${[1, 64].map(initialStd).join(', ')}`})`,
    build: (problem) => build(settings, problem),
  };
}
