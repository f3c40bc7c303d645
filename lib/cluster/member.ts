import { setTimeout as delay } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { CredenceError } from '../errors';
import { findMpi, type Mpi } from '../mpi';
import { makeBoard, withStatistics } from '../parallel/memory/board';
import type { TrainingState } from '../parallel/plan/state';
import { launch } from '../parallel/train';
import type { Observer, Training } from '../parallel/training';
import type { Channel } from './channel';
import type { Job, News, Order, Task } from './protocol';
import { introduce, type Room } from './ranks';

/** Milliseconds between two looks at whether there is something to do. */
const LOOK_MS = 10;

export interface MemberOptions {
  /** Workers of each process. Default: its share of the devices of its host. */
  workers?: number | undefined;
  /** Milliseconds that a process waits for the others in a step. */
  patience: number;
}

/** A process of a job: trains what it is told to, with the others, until it is told to end. */
export abstract class Member {
  constructor(
    protected readonly mpi: Mpi,
    private readonly room: Room,
    private readonly patience: number,
  ) {}

  /** Works until the end. @throws CredenceError what has ended it before; then the others cannot go on, either */
  abstract serve(): Promise<void>;

  /** The process ends now: tells the others, if they can be told. Whether they are. */
  dismiss(): boolean {
    return false;
  }

  protected start({ board: spec, plans, crews, statistics, steps }: Job, observer: Observer): Training {
    const { mpi, patience, room } = this;
    const { rank: number, size: count } = mpi;
    const shares = crews[number]!;
    const board = withStatistics(makeBoard(spec, shares.length, count), statistics, count);
    const place = count > 1 ? { number, count, patience } : undefined;
    return launch({ board, plans: plans[number]!, shares, steps, place, firstGpu: room.firstGpu }, observer);
  }
}

const unheard: Observer = { metrics: () => undefined, saved: () => undefined };

/** Any process but the first: is told by it what to do. */
class Follower extends Member {
  async serve(): Promise<void> {
    for (;;) {
      const task = await this.hear();
      if (task.type === 'close') return;
      await this.start(task.job, unheard).ending;
    }
  }

  /** Waits without computing: it may be hours until the next training. */
  private async hear(): Promise<Task> {
    const length = new Float64Array(1);
    const pending = this.mpi.startBroadcast(new Uint8Array(length.buffer), 0);
    while (!pending.done()) await delay(LOOK_MS);
    const bytes = Buffer.allocUnsafeSlow(length[0]!);
    this.mpi.broadcast(bytes, 0);
    return deserialize(bytes) as Task;
  }
}

/** The first process: told by the channel what to do, it tells the others, and answers for all. */
class Leader extends Member {
  private training: Training | undefined;
  /** How many kept vectors were told. */
  private keptTold = 0;
  private readonly over: Promise<void>;
  private ended!: { well(): void; badly(error: Error): void };

  constructor(
    mpi: Mpi,
    room: Room,
    patience: number,
    private readonly channel: Channel,
  ) {
    super(mpi, room, patience);
    this.over = new Promise((well, badly) => (this.ended = { well, badly }));
    channel.onMessage((message) => {
      try {
        this.obey(message as Order);
      } catch (error) {
        this.ended.badly(error as Error);
      }
    });
    channel.onClose(() =>
      this.ended.badly(new CredenceError('E_CLUSTER', 'whoever started the job is gone')),
    );
  }

  serve(): Promise<void> {
    return this.over;
  }

  override dismiss(): boolean {
    if (this.training) return false;
    this.tell({ type: 'close' });
    return true;
  }

  private obey(order: Order): void {
    switch (order.type) {
      case 'train':
        this.tell(order);
        return this.train(order.job);
      case 'ask':
        return this.training?.ask(order.wish);
      case 'save':
        return this.training?.askSave();
      case 'close':
        if (this.training)
          return this.ended.badly(new CredenceError('E_CLUSTER', 'it was closed while it trained'));
        this.tell(order);
        return this.ended.well();
    }
  }

  private tell(task: Task): void {
    const bytes = serialize(task);
    this.mpi.broadcast(new Uint8Array(Float64Array.of(bytes.length).buffer), 0);
    this.mpi.broadcast(bytes, 0);
  }

  private train(job: Job): void {
    this.keptTold = job.board.start.kept.length;
    const send = (news: News): void => this.channel.send(news);
    const training = this.start(job, {
      metrics: (step, nll, kl) => send({ type: 'metrics', step, nll, kl, times: training.times() }),
      saved: () => send({ type: 'saved', state: this.news(training) }),
    });
    this.training = training;
    training.ending.then(
      (ending) => {
        this.training = undefined;
        send({ type: 'saved', state: this.news(training) });
        send({ type: 'ended', ending, times: training.times() });
      },
      (error: Error) => this.ended.badly(error),
    );
  }

  /** The state, with what was kept since the last time. */
  private news(training: Training): TrainingState {
    const state = training.state();
    const kept = state.kept.slice(this.keptTold);
    this.keptTold = state.kept.length;
    return { ...state, kept };
  }
}

/**
 * This process in its job.
 * @param channel of the first process: who asks
 */
export function member(mpi: Mpi, channel: Channel | undefined, options: MemberOptions): Member {
  const { ranks, room } = introduce(mpi, options.workers);
  if (!channel) return new Follower(mpi, room, options.patience);
  channel.send({ type: 'ready', ranks, library: findMpi().version } satisfies News);
  return new Leader(mpi, room, options.patience, channel);
}
