import { inspect } from 'node:util';
import { compiles } from '../engine/tfjs/backend';
import { CredenceError } from '../errors';
import type { Program } from '../inference/method';
import type { Machine } from '../parallel/chooseMesh';
import { type Mesh, workersOf } from '../parallel/plan/mesh';
import { crewsOf } from '../parallel/plan/schedule';
import type { TrainingState } from '../parallel/plan/state';
import { stepShapes } from '../parallel/plan/stepShapes';
import { boardSpec, planSteps, sharesOf } from '../parallel/train';
import type { Times } from '../parallel/memory/stopwatch';
import type { Ending, Observer, Training, TrainingData, TrainingOptions } from '../parallel/training';
import type { Channel } from './channel';
import type { Job, News, Order, Rank } from './protocol';

/** A training that the pool does at present. */
interface Current {
  hear(news: News): void;
  lost(error: CredenceError): void;
}

/**
 * Processes that train together, on one machine or several: give it to `fit`. They are those of a job that `pool` has started, or that
 * this process was started in (`mpirun -n 4 npx credence train script.ts`).
 */
export class Pool {
  private current: Current | undefined;
  private gone: CredenceError | undefined;

  /** @internal */
  constructor(
    private readonly channel: Channel,
    /** The processes by rank: their hosts, devices, and numbers of workers. */
    readonly ranks: readonly Rank[],
    /** What they speak by: 'MPICH Version: 5.0.2'. */
    readonly library: string,
    private readonly end?: () => Promise<void>,
  ) {
    channel.onMessage((message) => {
      const news = message as News;
      if (news.type === 'failed') this.lose(new CredenceError(news.code, news.message));
      else this.current?.hear(news);
    });
    channel.hold(false);
  }

  /** Workers of all processes. */
  get workers(): number {
    return this.ranks.reduce((sum, { workers }) => sum + workers, 0);
  }

  /** Why the job has ended, if it has. */
  get error(): CredenceError | undefined {
    return this.gone;
  }

  /** Where `fit` finds room. @internal */
  get machine(): Machine {
    return { workers: this.workers, processes: this.ranks.length };
  }

  /** Ends the job, and with it what it trains. */
  async close(): Promise<void> {
    if (this.gone) return;
    this.gone = new CredenceError('E_CLUSTER', 'the pool was closed');
    this.current?.lost(this.gone);
    this.channel.send({ type: 'close' } satisfies Order);
    await this.end?.();
  }

  /** The job has ended without being asked to. @internal */
  lose(error: CredenceError): void {
    if (this.gone) return;
    this.gone = error;
    this.current?.lost(error);
  }

  /**
   * Trains on the workers of the pool, as `startTraining` does on those of this process.
   * @throws CredenceError E_CLUSTER, E_OPTION
   * @internal
   */
  train(program: Program, data: TrainingData, options: TrainingOptions, observer: Observer): Training {
    this.assertFree();
    const job = this.jobOf(program, data, options);
    let state: TrainingState = job.board.start;
    let times: readonly Times[] = [];
    const { channel } = this;
    let over = false;
    // what is asked of a training that has ended is not for the next one
    const order = (message: Order): void => {
      if (!this.gone && !over) channel.send(message);
    };
    const ending = new Promise<Ending>((resolve, reject) => {
      this.current = {
        hear: (news) => {
          if (news.type === 'metrics') {
            ({ times } = news);
            observer.metrics(news.step, news.nll, news.kl);
          } else if (news.type === 'saved') {
            state = { ...news.state, kept: [...state.kept, ...news.state.kept] };
            observer.saved(() => copyOf(state));
          } else if (news.type === 'ended') {
            ({ times } = news);
            resolve(news.ending);
          }
        },
        lost: reject,
      };
    }).finally(() => {
      over = true;
      this.current = undefined;
      channel.hold(false);
    });
    channel.hold(true);
    order({ type: 'train', job });
    return {
      ask: (wish) => order({ type: 'ask', wish }),
      askSave: () => order({ type: 'save' }),
      state: () => copyOf(state),
      times: () => times,
      ending,
    };
  }

  private assertFree(): void {
    if (this.gone) {
      throw new CredenceError(
        'E_CLUSTER',
        `fit: the job of this pool has ended (${this.gone.message}): start another one with await pool(...)`,
      );
    }
    if (this.current) {
      throw new CredenceError(
        'E_CLUSTER',
        'fit: this pool is at work on another run: stop it, or await its end',
      );
    }
    if (!compiles()) {
      throw new CredenceError(
        'E_CLUSTER',
        "fit: a pool needs TensorFlow's library here, too: see 'credence doctor'",
      );
    }
  }

  private jobOf(program: Program, data: TrainingData, options: TrainingOptions): Job {
    const { batch, steps, augmenter, exchange = 'float32' } = options;
    const shapes = stepShapes(data, batch);
    const crews = crewsOf(sharesOf(program, options), this.sizesFor(options.mesh));
    const board = boardSpec(program, data, shapes, options, crews);
    const { plans, statistics } = planSteps({ program, augmenter, shapes }, { crews, exchange });
    return { board, plans, crews, statistics, steps };
  }

  /** Workers of each process: as even as there is room. */
  private sizesFor(mesh: Mesh): number[] {
    const { ranks } = this;
    const wanted = workersOf(mesh);
    if (wanted < ranks.length || wanted > this.workers) {
      throw new CredenceError(
        'E_OPTION',
        `fit: the pool has ${ranks.length} processes with room for ${this.workers} workers: share the work out over ${ranks.length} to ${this.workers} of them, not ${wanted}`,
      );
    }
    const sizes = ranks.map(() => 1);
    for (let left = wanted - ranks.length, rank = 0; left > 0; rank = (rank + 1) % ranks.length) {
      if (sizes[rank]! >= ranks[rank]!.workers) continue;
      sizes[rank]!++;
      left--;
    }
    return sizes;
  }

  toString(): string {
    const { ranks, workers, library, gone } = this;
    const rows = ranks.map(
      ({ host, pid, workers, device }, rank) =>
        `  rank ${rank}: ${host}, process ${pid}, ${workers} worker${workers === 1 ? '' : 's'}, ${device}`,
    );
    const state = gone ? `, ended: ${gone.message}` : '';
    return [`Pool of ${ranks.length} processes, ${workers} workers (${library})${state}`, ...rows].join('\n');
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** The last state, for keeps; kept vectors are never written again. */
const copyOf = (state: TrainingState): TrainingState => ({
  ...state,
  vectors: state.vectors.map((values) => values.slice()),
  slots: state.slots.map((values) => values.slice()),
});

/** What is known of a job beside what its first process says. */
export interface Fate {
  /** Waits until it is over. */
  end(): Promise<void>;
  /** Why the first process is gone. @param ranks who took part */
  explain(ranks: readonly Rank[]): Promise<string>;
}

/** Speaks with the first process of a job, when all of them are there. */
export function poolOver(channel: Channel, fate?: Fate): Promise<Pool> {
  return new Promise((resolve, reject) => {
    let pool: Pool | undefined;
    channel.onMessage((message) => {
      const news = message as News;
      if (news.type === 'ready') resolve((pool = new Pool(channel, news.ranks, news.library, fate?.end)));
      else if (news.type === 'failed' && !pool) reject(new CredenceError(news.code, news.message));
    });
    channel.onClose(() => {
      const why = fate?.explain(pool?.ranks ?? []) ?? Promise.resolve('the first process of the job is gone');
      void why.then((message) => {
        const error = new CredenceError('E_CLUSTER', message);
        pool?.lose(error);
        reject(error);
      });
    });
  });
}
