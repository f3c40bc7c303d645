/** Finds the costs of steps from their times. */
import { EigenvalueDecomposition, Matrix, solve } from 'ml-matrix';
import { CredenceError } from '../errors';
import { costNames, type Counts, type StepCosts, stepTime } from './stepCosts';

/** How often each cost was paid in a step that took so long. */
export interface Timed {
  counts: Counts;
  seconds: number;
}

type CostName = keyof StepCosts;

const STEPS = 500;
/** Less progress than this, of the sum of squares, is none. */
const PROGRESS = 1e-10;
/** Nor is less than this, where times are exact. */
const EXACT = 1e-22;
/** A cost that is less than this part of any time is none. */
const NOTHING = 1e-6;
/** Of the directions in which costs may change, relative to the one that is seen best: below it, times do not tell. */
const UNSEEN = 1e-9;

/**
 * Least squares of log(modelled / measured) over the logarithms of the costs, so that all errors are relative and all costs above 0: Levenberg
 * and Marquardt's damped steps, with the derivatives of the model. A cost that nothing speaks for becomes 0.
 * @param free the costs to find
 * @param known the others
 * @throws CredenceError E_DATA if the times do not tell the costs apart
 */
export function fitCosts(
  timed: readonly Timed[],
  free: readonly CostName[],
  known: Partial<StepCosts>,
): StepCosts {
  const zero = Object.fromEntries(costNames.map((name) => [name, 0])) as Record<CostName, number>;
  let costs: StepCosts = { ...zero, ...known, ...firstGuess(timed, free) };
  if (free.length === 0) return costs;
  assertTold(timed, free);
  let [now, damping] = [residuals(timed, costs), 1e-3];
  for (let step = 0; step < STEPS; step++) {
    const { normal, slope } = normalEquations(timed, free, costs, now);
    const damped = normal.clone();
    for (let i = 0; i < free.length; i++) {
      // the second term keeps a cost in place that no time depends on at present
      damped.set(i, i, normal.get(i, i) * (1 + damping) + 1e-12);
    }
    const change = solve(damped, slope).to1DArray();
    const next = { ...costs };
    free.forEach((name, i) => (next[name] *= Math.exp(Math.max(-2, Math.min(2, change[i]!)))));
    const then = residuals(timed, next);
    const gain = squares(now) - squares(then);
    if (gain <= 0) {
      if (damping > 1e12) break;
      damping *= 4;
      continue;
    }
    const done = gain < PROGRESS * squares(now) + EXACT;
    [costs, now, damping] = [next, then, damping / 3];
    if (done) break;
  }
  const none = free.filter((name) =>
    timed.every(({ counts, seconds }) => costs[name] * counts[name] < NOTHING * seconds),
  );
  return { ...costs, ...Object.fromEntries(none.map((name) => [name, 0])) };
}

const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);

const residuals = (timed: readonly Timed[], costs: StepCosts): number[] =>
  timed.map(({ counts, seconds }) => Math.log(stepTime(costs, counts).seconds / seconds));

/** Each cost as if all of them took equal parts of the times in which they are paid; loading as if the quickest row waited for nothing else. */
function firstGuess(timed: readonly Timed[], free: readonly CostName[]): Partial<StepCosts> {
  return Object.fromEntries(
    free.map((name) => {
      const shares = timed
        .filter(({ counts }) => counts[name] > 0)
        .map(({ counts, seconds }) => seconds / counts[name]);
      if (name === 'load') return [name, Math.min(...shares)];
      const logs = shares.reduce((sum, share) => sum + Math.log(share), 0);
      return [name, Math.exp(logs / shares.length) / free.length];
    }),
  );
}

/** J'J and -J'e of e = log(modelled / measured), where J has the derivatives by the logarithms of the costs. */
function normalEquations(
  timed: readonly Timed[],
  free: readonly CostName[],
  costs: StepCosts,
  errors: readonly number[],
): { normal: Matrix; slope: Matrix } {
  const jacobian = new Matrix(
    timed.map(({ counts }) => {
      const { seconds, loading } = stepTime(costs, counts);
      return free.map((name) => (loading === (name === 'load') ? (costs[name] * counts[name]) / seconds : 0));
    }),
  );
  const transposed = jacobian.transpose();
  return {
    normal: transposed.mmul(jacobian),
    slope: transposed.mmul(Matrix.columnVector(errors.map((error) => -error))),
  };
}

/**
 * Costs that are always paid in the same proportion cannot be told apart. Loading is left out: that it is a floor tells it from `row`,
 * which is paid as often.
 */
function assertTold(timed: readonly Timed[], free: readonly CostName[]): void {
  const unpaid = free.find((name) => timed.every(({ counts }) => counts[name] === 0));
  if (unpaid !== undefined) {
    throw new CredenceError(
      'E_DATA',
      `fitScaling: '${unpaid}' is not paid in any of the steps measured: measure one in which it is, or give it in 'known', such as known: { ${unpaid}: 0 }`,
    );
  }
  const names = free.filter((name) => name !== 'load');
  const columns = names.map((name) => timed.map(({ counts, seconds }) => counts[name] / seconds));
  const lengths = columns.map((column) => Math.sqrt(squares(column)));
  const unit = columns.map((column, i) => column.map((value) => value / lengths[i]!));
  const products = unit.map((a) => unit.map((b) => a.reduce((sum, value, i) => sum + value * b[i]!, 0)));
  if (names.length === 0) return;
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(products), {
    assumeSymmetric: true,
  });
  const least = realEigenvalues.indexOf(Math.min(...realEigenvalues));
  if (realEigenvalues[least]! > UNSEEN) return;
  const alike = names.filter((_, i) => Math.abs(eigenvectorMatrix.get(i, least)) > 1e-3);
  throw new CredenceError(
    'E_DATA',
    `fitScaling: the steps measured do not tell ${alike.map((name) => `'${name}'`).join(' from ')}: measure other samples, batches or meshes, or give ${alike.length > 2 ? 'some of them' : 'one of them'} in 'known', such as known: { ${alike.at(-1)}: 0 }`,
  );
}
