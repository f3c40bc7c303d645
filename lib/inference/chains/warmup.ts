/** What is learned of a density before draws count: how large a step may be, and how wide the density is in each direction. As Stan does. */

/** Iterations at the beginning, where the chain finds the bulk of the density, at the end, and in the first window in between. */
const [FIRST, LAST, WINDOW] = [75, 50, 25];

/** Fewer iterations tell nothing of variances. */
const LEAST = 20;

/** What an iteration of the warm-up is for. */
export interface WarmupPart {
  /** Iterations, this one included, since the step size was last searched for anew. */
  count: number;
  /** Iterations that the variances are taken over so far, this one included; 0 where they are not. */
  seen: number;
  /** Whether these variances hold from the next iteration on. */
  closes: boolean;
}

/** The first iterations of the windows, and where the last of them ends. Each is twice as long as the one before; the last fills up. */
function windowsOf(warmup: number): number[] {
  if (warmup < LEAST) return [];
  const isShort = FIRST + WINDOW + LAST > warmup;
  const first = isShort ? Math.floor(0.15 * warmup) : FIRST;
  const end = warmup - (isShort ? Math.floor(0.1 * warmup) : LAST);
  const edges = [first];
  for (let size = isShort ? end - first : WINDOW; edges.at(-1)! < end; size *= 2) {
    const next = edges.at(-1)! + size;
    // a window that leaves no room for the next one takes that room
    edges.push(next + 2 * size > end ? end : next);
  }
  return edges;
}

/** @param iteration from 0, less than `warmup` */
export function warmupPart(iteration: number, warmup: number): WarmupPart {
  const edges = windowsOf(warmup);
  const begun = edges.filter((edge) => edge <= iteration);
  const open = begun.length > 0 && begun.length < edges.length;
  const restarts = begun.slice(1); // the first window begins without a new search
  return {
    count: iteration - (restarts.at(-1) ?? 0) + 1,
    seen: open ? iteration - begun.at(-1)! + 1 : 0,
    closes: open && edges.includes(iteration + 1),
  };
}

/**
 * The variance by a window, pulled towards 1e-3 as if by five more draws: a short window knows little.
 * @param squares sum of squared deviations from the mean
 */
export const regularized = (squares: number, count: number): number =>
  (count / (count + 5)) * (squares / (count - 1)) + 1e-3 * (5 / (count + 5));

/** The logarithm of a step size, its weighted mean over iterations, the mean error, and what the search is pulled towards. */
export interface StepSearch {
  logStep: number;
  logStepMean: number;
  error: number;
  anchor: number;
}

/** The search that begins with a step size: it tries larger ones first. */
export const beginSearch = (stepSize: number): StepSearch => ({
  logStep: Math.log(stepSize),
  logStepMean: 0,
  error: 0,
  anchor: Math.log(10 * stepSize),
});

/**
 * Dual averaging (Nesterov 2009; Hoffman and Gelman 2014, eq. 6 and algorithm 5, with their constants): the step size at which the mean
 * probability of acceptance is as wanted.
 * @param count iterations since the search began, this one included
 */
export function searchOn(
  { logStepMean, error, anchor }: StepSearch,
  acceptance: number,
  target: number,
  count: number,
): StepSearch {
  const [gamma, t0, kappa] = [0.05, 10, 0.75];
  const rate = 1 / (count + t0);
  const nextError = (1 - rate) * error + rate * (target - acceptance);
  const logStep = anchor - (nextError * Math.sqrt(count)) / gamma;
  const weight = count ** -kappa;
  return {
    logStep,
    logStepMean: weight * logStep + (1 - weight) * logStepMean,
    error: nextError,
    anchor,
  };
}
