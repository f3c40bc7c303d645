import { readable } from '../figures/numbers';
import { describeIdentity, type RunConfig } from './config';
import { describeMesh } from '../parallel/plan/mesh';
import { lowestLoss, recentLoss } from './losses';
import { recordOf, type RunRecord } from './record';
import { printedAs, table } from './table';

/** A run beside others. */
export interface ComparedRun {
  id: string;
  /** The settings in which the compared runs differ. */
  settings: Readonly<Record<string, string>>;
  step: number;
  /** Mean loss of the last 20 steps. */
  loss: number;
  /** The lowest mean loss of 20 steps in a row. */
  best: number;
  /** Over all of its time, compiling included. */
  stepsPerSecond: number;
}

const settingsOf = (config: RunConfig): Record<string, string> => ({
  ...describeIdentity(config),
  epochs: String(config.epochs),
  mesh: config.mesh ? describeMesh(config.mesh) : '–',
});

function compared({ id, config, metrics, elapsed }: RunRecord): ComparedRun {
  const step = metrics.step.at(-1) ?? 0;
  return {
    id,
    settings: settingsOf(config),
    step,
    loss: recentLoss(metrics),
    best: lowestLoss(metrics),
    stepsPerSecond: step / elapsed,
  };
}

/** A compared run as a row of a table: its id, the settings that differ, its steps, losses and speed. */
export const rowOf = ({ id, settings, step, loss, best, stepsPerSecond }: ComparedRun): string[] => [
  id,
  ...Object.values(settings),
  String(step),
  readable(loss, 4),
  readable(best, 4),
  readable(stepsPerSecond),
];

/** Runs side by side: the settings that differ, and how they did. */
export const compare = (ids: readonly string[]): ComparedRun[] => compareRecords(ids.map(recordOf));

export function compareRecords(records: readonly RunRecord[]): ComparedRun[] {
  const runs = records.map(compared);
  const names = Object.keys(runs[0]?.settings ?? {}).filter(
    (name) => new Set(runs.map(({ settings }) => settings[name])).size > 1,
  );
  const rows = runs.map((run) => ({
    ...run,
    settings: Object.fromEntries(names.map((name) => [name, run.settings[name]!])),
  }));
  return printedAs(rows, () =>
    table([['id', ...names, 'steps', 'loss', 'best', 'steps/s'], ...rows.map(rowOf)]),
  );
}
