import { categorical } from './categorical';
import { gaussian } from './gaussian';
import { normal } from './normal';

/** What is believed of the weights before the data is seen. */
export const priors = { normal };

/** How the outputs of a model make a distribution over targets. */
export const likelihoods = { categorical, gaussian };

export type { GaussianOptions } from './gaussian';
export type { Kind, Likelihood } from './likelihood';
export type { Prior } from './prior';
