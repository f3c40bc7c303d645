/**
 * Distributions of plain numbers, in double precision: log density, distribution function, quantiles, entropy and divergence. Nothing is
 * traced or trained with them: `priors` and `likelihoods` are for that.
 */
export { beta } from './beta';
export { categorical, type Categorical } from './categorical';
export { cauchy } from './cauchy';
export { dirichlet, type Dirichlet } from './dirichlet';
export type { Comparable, Distribution } from './distribution';
export { gamma } from './gamma';
export { halfCauchy } from './halfCauchy';
export { halfNormal } from './halfNormal';
export { inverseGamma } from './inverseGamma';
export { laplace, type LaplaceParameters } from './laplace';
export { logNormal } from './logNormal';
export { logUniform } from './logUniform';
export { multivariateNormal, type MultivariateNormal } from './multivariateNormal';
export { normal, type NormalParameters } from './normal';
export { studentT } from './studentT';
export { uniform } from './uniform';
