import { appendFileSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Mesh } from '../parallel/plan/mesh';
import type { TrainingState } from '../parallel/plan/state';
import { PART, writeAtomicallySync, writeError } from './atomically';
import { checkpointOf, type Layout, writeCheckpoint } from './checkpoint';
import { Clock } from './clock';
import { type RunConfig, writeConfig } from './config';
import { metricsFile, MetricsLog, metricsLines } from './metricsLog';
import { thisProcess } from './processIdentity';
import { runFolder } from './runFolder';
import { type Status, writeStatus } from './status';

/** Losses are written at most so often. */
const FLUSH_MS = 1000;

export interface RecorderOptions {
  config: RunConfig;
  layout: Layout;
  /** How far a run was that goes on, and the seconds it had taken. Without it the run is a new one. */
  from?: { step: number; seconds: number };
  /** Told once whenever the disk begins to refuse. Default: a line on standard error. */
  onTrouble?: (message: string) => void;
}

/**
 * Keeps a run on disk while it trains. Nothing here waits for the disk or throws: what cannot be written is tried again with the next
 * checkpoint, and the run goes on.
 */
export class Recorder {
  readonly folder: string;
  /** Why the run is not kept at present. */
  trouble: string | undefined;

  private config: RunConfig;
  private readonly log: MetricsLog;
  private readonly clock = new Clock();
  private step: number;
  private state: Status['state'] = 'running';
  private message: string | null = null;
  private ended: string | null = null;
  /** Whether the folder is there. */
  private ready = false;
  /** The small files that are not as they should be. */
  private readonly old = new Set<'config' | 'status'>(['config', 'status']);
  private lines: string[] = [];
  private waiting: TrainingState | undefined;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(private readonly options: RecorderOptions) {
    this.config = options.config;
    this.folder = runFolder(options.config.id);
    this.log = new MetricsLog(metricsFile(this.folder));
    this.step = options.from?.step ?? 0;
    this.work();
  }

  /** The losses of some steps. @param first the number of the first one, counted from 1 */
  metrics(first: number, nll: readonly number[], kl: readonly number[]): void {
    this.lines.push(metricsLines(first, nll, kl));
    this.step = first + nll.length - 1;
    if (this.trouble !== undefined || this.closed) return;
    // the timer keeps no process alive: what is pending is written when the run ends
    this.timer ??= setTimeout(() => this.work(), FLUSH_MS).unref();
  }

  /** A state to be kept, which must not change from now on. One that still waits for the disk is passed over for it. */
  checkpoint(state: TrainingState): void {
    this.waiting = state;
    this.old.add('status');
    this.work();
  }

  /** How the work is shared out was found out. */
  share(mesh: Mesh): void {
    this.config = { ...this.config, mesh };
    this.old.add('config');
    this.work();
  }

  /** Training was paused, or goes on. */
  change(state: 'running' | 'paused'): void {
    this.state = state;
    if (state === 'paused') this.clock.halt();
    else this.clock.go();
    this.old.add('status');
    this.work();
  }

  /** Training has ended. @param message why it failed */
  end(state: 'done' | 'stopped' | 'failed', message?: string): void {
    this.state = state;
    this.message = message ?? null;
    this.ended = new Date().toISOString();
    this.clock.halt();
    this.old.add('status');
    this.work();
  }

  /** Waits until all is written that can be. Never fails: see `trouble`. */
  async close(): Promise<void> {
    this.closed = true;
    await this.working;
    this.work();
    await this.working;
  }

  /** The process ends in this moment, in the middle of training: what can be written without waiting is written. */
  leave(state: TrainingState): void {
    if (!this.ready) return;
    try {
      const { file, pieces } = checkpointOf(this.folder, this.options.layout, state, this.config);
      writeAtomicallySync(file, pieces);
      appendFileSync(metricsFile(this.folder), this.lines.join(''));
    } catch {
      // there is nobody left to tell: the checkpoint before this one is there
    }
  }

  /** Works on what there is to do, one thing after the other. */
  private work(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isDue) this.working ??= this.writeAll();
  }

  private get isDue(): boolean {
    return this.old.size > 0 || this.lines.length > 0 || this.waiting !== undefined;
  }

  private async writeAll(): Promise<void> {
    do {
      const trouble = await this.writeOnce();
      if (trouble !== undefined && this.trouble === undefined) this.tell(trouble);
      this.trouble = trouble;
    } while (this.isDue && this.trouble === undefined); // a disk that is full now will be full in a moment, too
    this.working = undefined;
  }

  /** Writes what is due; one part that fails does not keep the others from being written. Returns what went wrong first. */
  private async writeOnce(): Promise<string | undefined> {
    const failures: string[] = [];
    const attempt = async (part: () => Promise<void>): Promise<void> => {
      try {
        await part();
      } catch (error) {
        failures.push((error as Error).message);
      }
    };
    await attempt(() => this.prepare());
    if (this.ready) {
      await attempt(() => this.renew('config', () => writeConfig(this.folder, this.config)));
      const state = this.waiting; // taken first: the losses until a checkpoint are on disk before it
      this.waiting = undefined;
      await attempt(() => this.writeLines());
      if (state) await attempt(() => this.writeState(state));
      await attempt(() => this.renew('status', () => writeStatus(this.folder, this.status)));
    }
    return failures[0];
  }

  private async prepare(): Promise<void> {
    if (this.ready) return;
    const { folder, options } = this;
    try {
      await mkdir(path.dirname(folder), { recursive: true });
      // a new run has a new folder, so that two never write to the same one
      await mkdir(folder, { recursive: options.from !== undefined });
      const names = await readdir(folder);
      const left = names.filter((name) => name.endsWith(PART)); // by a process that was killed while it wrote
      for (const name of left) await rm(path.join(folder, name), { force: true });
    } catch (cause) {
      throw writeError(folder, cause);
    }
    this.ready = true;
    await writeStatus(folder, this.status); // at once: the first checkpoint may take long
  }

  /** Writes one of the small files anew if it is old, which it stays where that fails. */
  private async renew(name: 'config' | 'status', write: () => Promise<void>): Promise<void> {
    if (!this.old.delete(name)) return;
    try {
      await write();
    } catch (error) {
      this.old.add(name);
      throw error;
    }
  }

  private async writeLines(): Promise<void> {
    const lines = this.lines;
    if (lines.length === 0) return;
    this.lines = [];
    try {
      await this.log.append(lines.join(''));
    } catch (error) {
      this.lines = [...lines, ...this.lines];
      throw error;
    }
  }

  private async writeState(state: TrainingState): Promise<void> {
    try {
      await writeCheckpoint(this.folder, this.options.layout, state, this.config);
    } catch (error) {
      this.waiting ??= state; // for the last attempt, should no other come
      throw error;
    }
  }

  private get status(): Status {
    const { state, message, step, ended } = this;
    return {
      state,
      message,
      step,
      seconds: (this.options.from?.seconds ?? 0) + this.clock.seconds,
      updated: new Date().toISOString(),
      ended,
      process: thisProcess(),
    };
  }

  private tell(trouble: string): void {
    const { onTrouble } = this.options;
    if (onTrouble) onTrouble(trouble);
    else {
      process.stderr.write(
        `credence: run ${this.config.id} goes on, but is not kept on disk: ${trouble}. It is tried again with each checkpoint\n`,
      );
    }
  }
}
