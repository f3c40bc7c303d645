import { statSync } from 'node:fs';
import path from 'node:path';
import { devices } from '../engine/tfjs/backend';
import { compact } from '../figures/numbers';
import type { ListedRun, RunsList } from '../figures/wire/runsWire';
import { WIRE_VERSION } from '../figures/wire/messages';
import { gpusOf } from '../parallel/chooseMesh';
import { workersOf } from '../parallel/plan/mesh';
import { readConfig } from '../runs/config';
import { recentLoss } from '../runs/losses';
import { activeRuns } from '../runs/registry';
import type { Run } from '../runs/run';
import { runFolder, runsRoot, startOf, storedIds } from '../runs/runFolder';
import { summary } from '../runs/stored';

/** Where each worker computes, and what its time went to, as far as it has reported. */
function devicesOf(run: Run): ListedRun['devices'] {
  const times = run.workerTimes.filter(({ compute }) => compute > 0);
  if (times.length === 0) return [];
  const all = devices();
  const gpus = gpusOf(times.length);
  const cpu = all.find(({ type }) => type === 'CPU')?.model ?? '';
  return times.map(({ compute, exchange, wait }, rank) => ({
    name: gpus ? `${all[gpus[rank]!]!.model} (${gpus[rank]})` : cpu,
    compute: compact(compute) ?? 0,
    exchange: compact(exchange) ?? 0,
    wait: compact(wait) ?? 0,
  }));
}

function liveRow(run: Run): ListedRun {
  const { id, state, step, plan, history, error, notice } = run;
  return {
    id,
    state,
    live: true,
    started: startOf(id).toISOString(),
    elapsed: Number(run.elapsed.toFixed(1)),
    step,
    steps: plan.steps,
    loss: compact(recentLoss(history)),
    samples: plan.samples,
    workers: run.workers || null, // none while the best way to share out the work is being measured
    message: error?.message ?? notice ?? null,
    devices: devicesOf(run),
  };
}

function storedRow(id: string): ListedRun {
  const { state, step, steps, started, elapsed, loss, message, folder } = summary(id);
  const known = state === 'unreadable' ? undefined : readConfig(folder);
  return {
    id,
    state,
    live: false,
    started: started.toISOString(),
    elapsed: Number.isNaN(elapsed) ? null : Number(elapsed.toFixed(1)),
    step,
    steps,
    loss: compact(loss),
    samples: known?.samples ?? null,
    workers: known?.mesh ? workersOf(known.mesh) : null,
    message,
    devices: [],
  };
}

/** Lists runs again and again: what is on disk is read anew only where it has changed. */
export class RunsLister {
  private readonly known = new Map<string, { changed: number; row: ListedRun }>();

  /** The newest runs, those of this process first. @throws CredenceError E_FILE if the folder of runs cannot be read */
  list(limit: number): RunsList {
    const live = activeRuns();
    const ids = storedIds();
    const others = ids.filter((id) => !live.some((run) => run.id === id));
    const shown = others.reverse().slice(0, Math.max(0, limit - live.length));
    for (const id of this.known.keys()) if (!shown.includes(id)) this.known.delete(id);
    return {
      type: 'list',
      wire: WIRE_VERSION,
      runs: [...live.reverse().map(liveRow), ...shown.map((id) => this.row(id))],
      total: others.length + live.length,
      folder: runsRoot(),
      trouble: null,
    };
  }

  /** A run that has ended says no more; one that another process trains goes on, or that process dies. */
  private row(id: string): ListedRun {
    const changed = lastChange(id);
    const known = this.known.get(id);
    const over = known && known.row.state !== 'running' && known.row.state !== 'paused';
    if (over && known.changed === changed) return known.row;
    const row = storedRow(id);
    this.known.set(id, { changed, row });
    return row;
  }
}

/** When the state of a run was written last; NaN, which no time equals, where that cannot be told. */
const lastChange = (id: string): number =>
  statSync(path.join(runFolder(id), 'state.json'), { throwIfNoEntry: false })?.mtimeMs ?? NaN;
