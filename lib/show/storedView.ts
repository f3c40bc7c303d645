import { lossFigure } from '../figures/loss';
import { runCurvesFigure } from '../figures/runCurves';
import type { Table } from '../figures/wire/runsWire';
import { type View, WIRE_VERSION } from '../figures/wire/messages';
import { workersOf } from '../parallel/plan/mesh';
import type { Metrics } from '../runs';
import { compareRecords, rowOf } from '../runs/compare';
import { recordOf } from '../runs/record';

const lossesOf = ({ nll, kl }: Metrics): Float64Array => nll.map((value, i) => value + kl[i]!);

/**
 * The view of a run as it is on disk: how far it came, and its losses.
 * @throws CredenceError E_RUN if there is no such run, E_FILE if its files are damaged
 */
export function storedView(id: string): View {
  const { state, config, metrics, elapsed, message, folder } = recordOf(id);
  const { steps, epochs, samples, mesh } = config;
  const step = metrics.step.at(-1) ?? 0;
  return {
    version: WIRE_VERSION,
    kind: 'run',
    progress: {
      id,
      state,
      step,
      steps,
      epoch: Math.floor((step * epochs) / steps),
      epochs,
      elapsed,
      eta: null,
      stepsPerSecond: elapsed > 0 ? step / elapsed : null,
      workers: mesh ? workersOf(mesh) : 0,
      samples,
      message: message ?? `kept in ${folder}`,
      metrics: {},
    },
    figures: step > 1 ? [lossFigure({ ...metrics, steps: metrics.step, loss: lossesOf(metrics) })] : [],
  };
}

/**
 * Runs side by side: the settings in which they differ and how they did, and their losses.
 * @throws CredenceError E_RUN if there is no such run, E_FILE if its files are damaged
 */
export function comparison(ids: readonly string[]): { table: Table; view: View } {
  const records = ids.map(recordOf);
  const runs = compareRecords(records);
  const names = Object.keys(runs[0]?.settings ?? {});
  const curves = records.map(({ id, metrics, elapsed }) => ({
    name: id,
    steps: metrics.step,
    loss: lossesOf(metrics),
    seconds: elapsed,
  }));
  return {
    table: {
      heading: ['run', ...names, 'steps', 'loss', 'lowest loss', 'steps/s'],
      rows: runs.map(rowOf),
    },
    view: {
      version: WIRE_VERSION,
      kind: 'figure',
      figures: [runCurvesFigure(curves), runCurvesFigure(curves, { over: 'seconds' })],
    },
  };
}
