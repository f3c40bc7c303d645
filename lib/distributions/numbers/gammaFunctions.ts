/** The gamma function and its relatives, in double precision. */

/** log sqrt(2 pi) */
export const halfLog2Pi = 0.5 * Math.log(2 * Math.PI);

/** log Gamma(x) for x > 0: Stirling's series, moved to where its terms vanish by Gamma(x + 1) = x Gamma(x). */
export function logGamma(x: number): number {
  if (x < 10) return logGamma(x + 1) - Math.log(x);
  const square = 1 / x ** 2;
  const rest = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + halfLog2Pi + rest;
}

/** d/dx log Gamma(x) for x > 0, by its asymptotic series (DLMF 5.11.2), moved by digamma(x + 1) = digamma(x) + 1 / x. */
export function digamma(x: number): number {
  if (x < 10) return digamma(x + 1) - 1 / x;
  const square = 1 / x ** 2;
  const rest =
    square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))));
  return Math.log(x) - 0.5 / x - rest;
}

/** log B(a, b) */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** What keeps a divisor of a continued fraction from being 0 (Lentz). */
const LEAST = 1e-300;
const away = (value: number): number => (Math.abs(value) < LEAST ? LEAST : value);
const TERMS = 10_000;

/** The regularised incomplete gamma function P(a, x): by its series, or by the fraction of the rest (DLMF 8.7.1, 8.9.2). */
export function incompleteGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  if (x === Infinity) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; n < TERMS && term > 1e-17 * sum; n++) sum += term *= x / (a + n);
    return front * sum;
  }
  let b = x + 1 - a;
  let c = 1 / LEAST;
  let d = 1 / away(b);
  let value = d;
  for (let n = 1; n < TERMS; n++) {
    const term = -n * (n - a);
    b += 2;
    d = 1 / away(b + term * d);
    c = away(b + term / c);
    value *= c * d;
    if (Math.abs(c * d - 1) <= 1e-16) break;
  }
  return 1 - front * value;
}

/** The continued fraction of the incomplete beta function, by the algorithm of Lentz (DLMF 8.17.22). */
function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const before = value;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      value *= c * d;
    }
    if (Math.abs(value - before) <= 1e-15 * Math.abs(value)) break;
  }
  return value;
}

/** The regularised incomplete beta function I_x(a, b), on the side where its fraction converges fast. @param rest 1 - x, if known better */
export function incompleteBeta(x: number, a: number, b: number, rest = 1 - x): number {
  if (x <= 0 || rest <= 0) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(rest, b, a, x);
  return (Math.exp(a * Math.log(x) + b * Math.log(rest) - logBeta(a, b)) / a) * fraction(x, a, b);
}
