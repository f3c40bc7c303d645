import { inspect } from 'node:util';
import { CredenceError } from '../errors';
import type { LayerValues } from '../figures/layerHistograms';
import type { RunState } from '../figures/wire/messages';
import type { Kind } from '../distributions/likelihood';
import type { Posterior } from '../inference/posterior/posterior';
import type { LearningRate } from '../optimizers';
import { Clock } from './clock';
import { newRunId } from './runFolder';
import { explainChoice, type Measurement } from '../parallel/auto';
import { describeMesh, type Mesh, workersOf } from '../parallel/plan/mesh';
import { meanTimes, type Times } from '../parallel/memory/stopwatch';

/** What a run does when it is asked to; given by whoever computes. */
export interface Controls<K extends Kind> {
  pause(): void;
  /** @param finishing whether to go on to the end of the present epoch only */
  resume(finishing: boolean): void;
  /** Training ends with the present epoch. */
  finish(): void;
  stop(): void;
  /** The posterior as it stands after the next step. */
  snapshot(): Promise<Posterior<K>>;
  /** Seconds that each worker has spent so far. */
  times(): readonly Times[];
}

/** The fixed facts of a run. */
export interface RunPlan {
  steps: number;
  stepsPerEpoch: number;
  epochs: number;
  samples: number;
  /** How the workers share the work out; undefined while that is being found out. */
  mesh: Mesh | undefined;
  /** That of all steps, or by their numbers; undefined of a method that does not follow gradients. */
  learningRate: LearningRate | undefined;
}

/** Values by step, growing as training goes. */
export interface History {
  /** Negative log likelihood per datum, averaged over the samples. */
  nll: number[];
  /** KL divergence per datum, with its weight. The loss is nll + kl. */
  kl: number[];
}

/** A training run: starts on its own, may be paused, resumed and stopped, and ends with a posterior. */
export class Run<K extends Kind = Kind> {
  /** Ends with the posterior, also after `stop()`; fails with a CredenceError if training cannot go on. */
  readonly done: Promise<Posterior<K>>;
  /** The losses of all steps so far. */
  readonly history: History = { nll: [], kl: [] };

  private settle!: { resolve(posterior: Posterior<K>): void; reject(error: CredenceError): void };
  private readonly listeners = new Set<() => void>();
  private current: RunState = 'starting';
  private latest: Posterior<K> | undefined;
  private failure: CredenceError | undefined;
  private readonly clock = new Clock();
  private ended = false;
  /** Whether it is to end with an epoch. */
  private finishing = false;
  /** The steps done at the first report, and the seconds until then: what was before was compiling. */
  private first: { steps: number; seconds: number } | undefined;

  /** What to tell the person that is no error: what is being measured, that a worker was replaced. */
  notice: string | undefined;
  /** With `strategy: 'auto'`: what was measured of each way to share out the work. */
  measured: readonly Measurement[] = [];
  /** Some of the gradients of each layer, smoothed over steps, where the optimiser remembers them: as of the last copy. @internal */
  gradients: readonly LayerValues[] = [];
  /** How often training went on from a copy of the state because a worker had died. */
  recoveries = 0;

  /** @internal runs are started by `fit` and `resume` */
  constructor(
    readonly plan: RunPlan,
    private readonly controls: Controls<K>,
    /** Names the run, also on disk: see `runs`. */
    readonly id: string = newRunId(),
  ) {
    this.done = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    // a run whose end nobody awaits shows its failure in its view; it must not end the process
    this.done.catch(() => undefined);
  }

  /** What it is doing, or how it ended. */
  get state(): RunState {
    return this.current;
  }

  /** Whether it has not ended. */
  get active(): boolean {
    return !this.ended;
  }

  /** Steps done. */
  get step(): number {
    return this.history.nll.length;
  }

  /** Workers that compute; 0 while the best way to share out the work is being measured. */
  get workers(): number {
    return this.plan.mesh ? workersOf(this.plan.mesh) : 0;
  }

  /** What a worker's time went to so far, in seconds: computing, exchanging gradients, waiting for the others. */
  get times(): Times {
    return meanTimes(this.workerTimes);
  }

  /** The same for each worker; on a cluster, for a worker of each process on average. */
  get workerTimes(): readonly Times[] {
    return this.controls.times();
  }

  /** Why the run failed. */
  get error(): CredenceError | undefined {
    return this.failure;
  }

  /** Seconds since the start, until the end; pauses do not count. */
  get elapsed(): number {
    return this.clock.seconds;
  }

  /** Training speed after the first step (which waits for the compiler), or null before it is known. Pauses do not count. */
  get stepsPerSecond(): number | null {
    const { first } = this;
    if (!first || this.step <= first.steps) return null;
    const seconds = this.elapsed - first.seconds;
    return seconds > 0 ? (this.step - first.steps) / seconds : null;
  }

  /** What is learned so far: the weights of the last copy, at the latest those of the end. */
  get posterior(): Posterior<K> {
    if (this.latest) return this.latest;
    throw new CredenceError(
      'E_RUN',
      'this run has no posterior yet: await run.done, or await run.snapshot()',
    );
  }

  /** Stops computing after the present step, keeping everything; `resume` goes on. */
  pause(): void {
    if (this.current !== 'running' && this.current !== 'starting') return;
    this.controls.pause();
    this.change('paused');
  }

  /** Goes on after `pause`. */
  resume(): void {
    if (this.current !== 'paused') return;
    this.controls.resume(this.finishing);
    this.change(this.first ? 'running' : 'starting');
  }

  /** Ends training after the present step. `done` resolves with what was learned. */
  stop(): void {
    if (!this.active || this.current === 'stopping') return;
    this.controls.stop();
    this.change('stopping');
  }

  /** Ends training after the present epoch, with what was learned until then, also from a pause. */
  finish(): void {
    if (!this.active || this.current === 'stopping') return;
    this.finishing = true;
    if (this.current === 'paused') this.resume();
    else this.controls.finish();
    this.tell('ends after this epoch');
  }

  /** A copy of the posterior while training goes on. */
  async snapshot(): Promise<Posterior<K>> {
    if (!this.active) return this.posterior;
    this.latest = await this.controls.snapshot();
    return this.latest;
  }

  /** Calls back after every change of state or progress. Returns the function that unsubscribes. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * For whoever computes: the losses of some steps, the first of which is number `step` (from 0). Steps that are redone replace what was.
   * @internal
   */
  record(step: number, nll: readonly number[], kl: readonly number[]): void {
    this.remember(step, nll, kl);
    this.first ??= { steps: this.step, seconds: this.elapsed };
    if (this.current === 'starting') this.current = 'running';
    this.notify();
  }

  /** The same of steps that were made before, where it goes on from there: they say nothing of its own speed. @internal */
  remember(step: number, nll: readonly number[], kl: readonly number[]): void {
    const { history } = this;
    history.nll.length = Math.min(history.nll.length, step);
    history.kl.length = history.nll.length;
    // not spread: a run that goes on has more losses than a call may have arguments
    for (const each of nll) history.nll.push(each);
    for (const each of kl) history.kl.push(each);
  }

  /** For whoever computes: something to tell, or nothing any more. @internal */
  tell(notice: string | undefined): void {
    this.notice = notice;
    this.notify();
  }

  /** For whoever computes: how the work is shared out, and what that was found by. @internal */
  choose(mesh: Mesh, measured: readonly Measurement[]): void {
    this.plan.mesh = mesh;
    this.measured = measured;
    this.tell(measured.length > 0 ? explainChoice(measured) : undefined);
  }

  /** For whoever computes: training has ended well. @internal */
  complete(state: 'done' | 'stopped', posterior: Posterior<K>): void {
    this.settle.resolve(posterior);
    this.end(state, posterior);
  }

  /** For whoever computes: training cannot go on. What was learned until then is kept in `posterior`. @internal */
  fail(error: CredenceError, posterior?: Posterior<K>): void {
    this.failure = error;
    this.settle.reject(error); // first: whatever a listener does, nobody waits for ever
    this.end('failed', posterior);
  }

  private end(state: RunState, posterior: Posterior<K> | undefined): void {
    this.latest = posterior ?? this.latest;
    this.ended = true;
    this.change(state);
  }

  private change(state: RunState): void {
    this.current = state;
    if (this.ended || state === 'paused') this.clock.halt();
    else this.clock.go();
    this.notify();
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  /** A run prints as one line: its history would fill the screen. */
  [inspect.custom](): string {
    return this.toString();
  }

  toString(): string {
    const { epochs, steps, mesh, samples } = this.plan;
    const { workers } = this;
    const shared = workers > 1 ? ` (${describeMesh(mesh!)})` : '';
    const places = workers > 0 ? ` on ${workers} worker${workers === 1 ? '' : 's'}${shared}` : '';
    return `Run ${this.id}: ${this.state}, step ${this.step} of ${steps} (${epochs} epochs), ${samples} samples${places}`;
  }
}
