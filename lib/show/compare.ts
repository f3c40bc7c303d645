/** Runs side by side. */
import { CredenceError } from '../errors';
import { readable } from '../figures/numbers';
import { type RunCurve, runCurvesFigure } from '../figures/runCurves';
import { tableFigure } from '../figures/table';
import { type Losses, lowestLoss, recentLoss } from '../runs/losses';
import type { Run } from '../runs/run';
import type { StoredRun } from '../runs/stored';
import { type Picture, picture } from './picture';

/**
 * How several runs went: their losses over steps and over seconds of work, and a table of how they ended.
 * @param runs those of `fit`, live or not, or of `runs.load`; by name, or in a list
 * @throws CredenceError E_DATA if there is none
 */
export function compare(
  runs: readonly (Run | StoredRun)[] | Readonly<Record<string, Run | StoredRun>>,
): Picture {
  const named = Array.isArray(runs)
    ? (runs as readonly (Run | StoredRun)[]).map((run) => [run.id, run] as const)
    : Object.entries(runs as Readonly<Record<string, Run | StoredRun>>);
  if (named.length === 0) throw new CredenceError('E_DATA', 'show.compare: there is no run to compare');
  const curves = named.map(([name, run]) => curveOf(name, run));
  return picture(
    runCurvesFigure(curves, { over: 'steps' }),
    runCurvesFigure(curves, { over: 'seconds' }),
    tableFigure('How they ended', [
      ['run', 'state', 'steps', 'loss', 'best', 'seconds', 'steps/s'],
      ...named.map(([name, run]) => rowOf(name, run)),
    ]),
  );
}

const lossesOf = (run: Run | StoredRun): Losses => ('history' in run ? run.history : run.metrics);

function curveOf(name: string, run: Run | StoredRun): RunCurve {
  const { nll, kl } = lossesOf(run);
  const loss = Float64Array.from(nll, (value, i) => value + kl[i]!);
  const steps = 'history' in run ? loss.map((_, i) => i + 1) : run.metrics.step;
  return { name, steps, loss, seconds: run.elapsed };
}

function rowOf(name: string, run: Run | StoredRun): string[] {
  const losses = lossesOf(run);
  const done = 'history' in run ? run.step : (run.metrics.step.at(-1) ?? 0);
  return [
    name,
    run.state,
    String(done),
    readable(recentLoss(losses), 4),
    readable(lowestLoss(losses), 4),
    readable(run.elapsed),
    readable(done / run.elapsed),
  ];
}
