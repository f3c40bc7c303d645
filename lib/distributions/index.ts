import { bernoulli } from './bernoulli';
import { categorical } from './categorical';
import { gaussian } from './gaussian';
import { horseshoe } from './horseshoe';
import { laplace } from './laplace';
import { logUniform } from './logUniform';
import { normal } from './normal';
import { poisson } from './poisson';
import { quantile } from './quantile';
import { quiet } from './quiet';
import { scaleMixture } from './scaleMixture';
import { studentT as studentTPrior } from './studentT';
import { studentT } from './studentTLikelihood';
import { uniform } from './uniform';

/** What is believed of the weights before the data is seen. */
export const priors = {
  normal,
  laplace,
  studentT: studentTPrior,
  scaleMixture,
  horseshoe,
  logUniform,
  uniform,
  quiet,
};

/** How the outputs of a model make a distribution over targets. */
export const likelihoods = { categorical, bernoulli, gaussian, studentT, poisson, quantile };

export type { GaussianOptions } from './gaussian';
export type { Kind, Likelihood } from './likelihood';
export {
  type LowRankOptions,
  type PosteriorForm,
  posteriors,
  type StudentTPosteriorOptions,
} from './posteriors';
export type { Prior } from './prior';
export type { QuantileOptions } from './quantile';
export type { QuietOptions } from './quiet';
export type { ScaleMixtureOptions } from './scaleMixture';
export type { StudentTPriorOptions } from './studentT';
export type { StudentTOptions } from './studentTLikelihood';
