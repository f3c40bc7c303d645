/**
 * The standard normal distribution in double precision. The functions of `Math` stop short of it, and the usual
 * short approximations of the error function (1e-7) would show up in the last digits of every score built on it.
 */

const SQRT_2PI = Math.sqrt(2 * Math.PI);

/** Density of the standard normal. */
export const normalPdf = (z: number): number => Math.exp((-z * z) / 2) / SQRT_2PI;

/**
 * Distribution function of the standard normal, with a relative error of about 1e-13 also far out in the lower tail.
 *
 * Near 0 by the series Phi(z) = 1/2 + phi(z) (z + z^3/3 + z^5/(3 5) + ...), beyond by the continued fraction
 * 1 - Phi(z) = phi(z) / (z + 1/(z + 2/(z + ...))); Abramowitz and Stegun 26.2.11 and 26.2.14.
 */
export function normalCdf(z: number): number {
  const distance = Math.abs(z);
  if (distance < 3) {
    let term = z;
    let sum = z;
    for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 + normalPdf(z) * sum;
  }
  let fraction = distance;
  for (let k = 60; k > 0; k--) fraction = distance + k / fraction;
  const tail = normalPdf(distance) / fraction;
  return z < 0 ? tail : 1 - tail;
}

/**
 * Quantile function of the standard normal: the z with Phi(z) = p; -Infinity at 0 and Infinity at 1.
 *
 * The start (within 4.5e-4) is Abramowitz and Stegun 26.2.23; two of Halley's steps make it exact to rounding.
 */
export function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return -Infinity;
  const t = Math.sqrt(-2 * Math.log(p));
  const top = 2.515517 + t * (0.802853 + t * 0.010328);
  const bottom = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  let z = top / bottom - t;
  for (let step = 0; step < 2; step++) {
    const miss = (normalCdf(z) - p) / normalPdf(z);
    z -= miss / (1 + (z * miss) / 2);
  }
  return z;
}
