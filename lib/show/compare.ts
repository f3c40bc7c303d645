/** Runs side by side. */
import { CredenceError } from '../errors';
import { readable } from '../figures/numbers';
import { type RunCurve, runCurvesFigure } from '../figures/runCurves';
import { tableFigure } from '../figures/table';
import type { Run } from '../runs/run';
import { readStatus } from '../runs/status';
import { secondsOf, type StoredRun } from '../runs/stored';
import { type Picture, picture } from './picture';

/** The mean of so many steps is the last loss. */
const RECENT = 20;

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
      ...curves.map((curve, i) => row(curve, named[i]![1].state)),
    ]),
  );
}

function curveOf(name: string, run: Run | StoredRun): RunCurve {
  const { nll, kl } = 'history' in run ? run.history : run.metrics;
  const loss = Float64Array.from(nll, (value, i) => value + kl[i]!);
  return 'history' in run
    ? { name, steps: loss.map((_, i) => i + 1), loss, seconds: run.elapsed }
    : { name, steps: run.metrics.step, loss, seconds: secondsOf(readStatus(run.folder)) };
}

function row({ name, steps, loss, seconds }: RunCurve, state: string): string[] {
  const mean = (end: number): number => {
    const last = Array.from(loss).slice(Math.max(0, end - RECENT), end);
    return last.reduce((sum, value) => sum + value, 0) / last.length;
  };
  const done = steps.length > 0 ? steps[steps.length - 1]! : 0;
  const ends = Array.from(loss, (_, i) => i + 1).filter((end) => end >= Math.min(RECENT, loss.length));
  return [
    name,
    state,
    String(done),
    readable(mean(loss.length), 4),
    readable(
      ends.reduce((best, end) => Math.min(best, mean(end)), Infinity),
      4,
    ),
    readable(seconds),
    readable(done / seconds),
  ];
}
