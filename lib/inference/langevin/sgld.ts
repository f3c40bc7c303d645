import { langevin, type LangevinOptions } from './langevin';
import type { Method } from '../method';

/**
 * Stochastic gradient Langevin dynamics: gradient descent on the negative log posterior by mini-batches, with as much noise in each step
 * that the weights do not come to rest at its mode but wander through all of the posterior (Welling and Teh, "Bayesian learning via
 * stochastic gradient Langevin dynamics", 2011),
 *
 *     w <- w - stepSize gradient + sqrt(2 stepSize temperature / N) normal
 *
 * with the gradient of the loss per datum, mean_b -log p(y | x, w) - log p(w) / N. Parameters of the likelihood, the
 * logarithm of its noise, are drawn as well, with the prior N(start, 3²). Parameters that are not Bayesian follow the gradient without noise.
 *
 * The draws are those of the posterior up to an error in proportion to the step size: of its length against the curvature, and of the noise
 * that mini-batches add, as far as it is not told as `gradientNoise`. `fit` takes no `optimizer`; `posterior.chain` gives the draws of each chain.
 * @throws CredenceError E_OPTION
 */
export const sgld = (given: LangevinOptions = {}): Method => langevin('sgld', given);
