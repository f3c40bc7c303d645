import * as v from 'valibot';
import { validate } from '../validate';
import { checkEnsemble, type Numbers } from './input';
import { reduce, reductionOption, type Reduced, type Reduction, type ReductionOptions } from './reduction';

const crpsOptions = v.strictObject({
  reduction: reductionOption,
  fair: v.optional(v.boolean('must be true or false'), false),
});

/**
 * Continuous ranked probability score of an ensemble, in the units of y: E|X - y| - E|X - X'| / 2. The plain form takes
 * the S samples for the whole predictive distribution; the fair one takes them for draws from it (it divides the spread
 * by S (S - 1) instead of S^2) and so does not depend on S on average. Fair with a single sample is NaN.
 *
 * Gneiting and Raftery, "Strictly proper scoring rules, prediction, and estimation", 2007; Ferro, "Fair scores for
 * ensemble forecasts", 2014.
 * @param samples draws of the prediction [S, ...]
 * @param y the truth [...]
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function crpsEnsemble<R extends Reduction = 'mean'>(
  samples: Numbers,
  y: Numbers,
  options: ReductionOptions<R> & { fair?: boolean } = {},
): Reduced<R> {
  const { reduction, fair } = validate(crpsOptions, options, 'metrics.crpsEnsemble');
  const { samples: stack, size } = checkEnsemble('metrics.crpsEnsemble', samples, y);
  const pairs = fair ? stack * (stack - 1) : stack * stack;
  const draws = new Float64Array(stack);
  const scores = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let s = 0; s < stack; s++) draws[s] = samples[s * size + i]!;
    draws.sort();
    let error = 0;
    let spread = 0; // sum over pairs s < t of x_t - x_s, from the ranks of the sorted draws
    for (let s = 0; s < stack; s++) {
      error += Math.abs(draws[s]! - y[i]!);
      spread += (2 * s - stack + 1) * draws[s]!;
    }
    scores[i] = error / stack - spread / pairs;
  }
  return reduce<R>(scores, reduction);
}

/** How many of the S draws of datum i lie below y, and how many exactly on it. */
function place(samples: Numbers, y: Numbers, stack: number, i: number): { below: number; equal: number } {
  let below = 0;
  let equal = 0;
  for (let s = 0; s < stack; s++) {
    const draw = samples[s * y.length + i]!;
    if (draw < y[i]!) below++;
    else if (draw === y[i]) equal++;
  }
  return { below, equal };
}

/**
 * Probability integral transform of an ensemble: the share of samples below the truth. Of a calibrated model these are
 * uniform on [0, 1].
 * @param samples draws of the prediction [S, ...]
 * @param y the truth [...]
 * @param options.ties what samples equal to the truth count: 'half' (default) or 'full' (the empirical distribution
 *   function)
 * @returns one number in [0, 1] per datum
 * @throws CredenceError E_SHAPE, E_DATA, E_OPTION
 */
export function pitEnsemble(
  samples: Numbers,
  y: Numbers,
  options: { ties?: 'half' | 'full' } = {},
): Float64Array {
  const what = 'metrics.pitEnsemble';
  const schema = v.strictObject({
    ties: v.optional(v.picklist(['half', 'full'], "must be 'half' or 'full'"), 'half'),
  });
  const weight = validate(schema, options, what).ties === 'half' ? 0.5 : 1;
  const { samples: stack, size } = checkEnsemble(what, samples, y);
  return Float64Array.from({ length: size }, (_, i) => {
    const { below, equal } = place(samples, y, stack, i);
    return (below + weight * equal) / stack;
  });
}

/**
 * Rank of the truth in the ensemble: how many samples lie below it, 0 .. S. The histogram of these (Talagrand diagram) is
 * flat for a calibrated ensemble.
 * @param samples draws of the prediction [S, ...]
 * @param y the truth [...]
 * @throws CredenceError E_SHAPE, E_DATA
 */
export function ranks(samples: Numbers, y: Numbers): Int32Array {
  const { samples: stack, size } = checkEnsemble('metrics.ranks', samples, y);
  return Int32Array.from({ length: size }, (_, i) => place(samples, y, stack, i).below);
}
