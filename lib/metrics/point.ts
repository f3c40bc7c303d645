import { checkAligned, type Numbers } from './input';

/**
 * Root mean squared error, in the units of y.
 * @param mean predictions, any shape
 * @param y the truth, same shape
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function rmse(mean: Numbers, y: Numbers): number {
  const n = checkAligned('metrics.rmse', { mean, y });
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (mean[i]! - y[i]!) ** 2;
  return Math.sqrt(sum / n);
}

/**
 * Mean absolute error, in the units of y.
 * @param mean predictions, any shape
 * @param y the truth, same shape
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function mae(mean: Numbers, y: Numbers): number {
  const n = checkAligned('metrics.mae', { mean, y });
  let sum = 0;
  for (let i = 0; i < n; i++) sum += Math.abs(mean[i]! - y[i]!);
  return sum / n;
}
