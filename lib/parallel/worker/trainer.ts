import type { Context } from '../../engine/native/context';
import { Mpi } from '../../mpi';
import { Speaker } from '../exchange/speaker';
import { keptSet, SavedState } from '../memory/board';
import { type Agreement, type Control, Decision, meaningOf } from '../memory/control';
import { Meeting } from '../memory/meeting';
import { noTime, Stopwatch } from '../memory/stopwatch';
import { keptBy, nextKept } from '../plan/state';
import { ChainStep } from '../step/chainStep';
import { Inputs } from '../step/inputs';
import { SharedStep } from '../step/sharedStep';
import type { Stepper } from '../step/stepper';
import { WholeStep } from '../step/wholeStep';
import type { Outcome, Task } from './protocol';
import { Reporter } from './reporter';

/** However long nobody asks for it, the state is copied so often: what is lost with a worker that dies. */
const SAVE_MS = 1000;
/** The same where there are several processes: with one of them all end, and what is left is what was written to disk. */
const SLOW_SAVE_MS = 10_000;

/** The training loop of one worker. Its tensors live as long as the context it has borrowed. */
export class Trainer {
  private readonly inputs: Inputs;
  private readonly saved: SavedState;
  private readonly stepper: Stepper;
  private readonly reporter: Reporter;
  private readonly watch = new Stopwatch();
  /** Speaks with other processes, where there are some and this is the first worker of its own. */
  private readonly speaker: Speaker | undefined;
  /** Kept vectors that all processes know. */
  private gathered: number;
  /** The step it ends with: before all are done, where the person wants no more than the present epoch. */
  private last: number;
  /** The first step is saved at once: workers that die again and again get on by it. */
  private lastSave = -Infinity;

  constructor(
    context: Context,
    private readonly task: Task,
    private readonly control: Control,
  ) {
    const { board, plan, share, workers, place } = task;
    this.last = task.steps;
    this.inputs = new Inputs(context, board);
    this.saved = new SavedState(board, control);
    this.reporter = new Reporter(task.port);
    const start = this.saved.whole();
    this.gathered = keptBy(control.whole.step, board.keeping);
    if (place && share.rank === 0) {
      this.speaker = new Speaker(Mpi.attach(), new Meeting(board.meeting), control, place);
    }
    const { speaker, watch } = this;
    const several = place !== undefined;
    this.stepper = (() => {
      switch (plan.kind) {
        case 'whole':
          return new WholeStep(context, { plan, board, control, watch }, this.inputs, start);
        case 'split':
          return new SharedStep(
            context,
            { plan, board, share, workers, control, watch, several, speaker },
            this.inputs,
            start,
          );
        case 'chains':
          return new ChainStep(
            context,
            { plan, board, rank: share.rank, control, watch, several, speaker },
            this.inputs,
            start,
          );
      }
    })();
  }

  /** Trains until the last step, or until all workers agree to stop. The state is saved afterwards. @throws PeerDied */
  run(): Outcome {
    const { control, reporter, stepper, task } = this;
    const { board } = task;
    let { step } = control.whole;
    try {
      const start = this.agree();
      if (start.decision === Decision.pause && this.heed(start, step) === Decision.stop) {
        return { end: 'stopped', step };
      }
      while (step < this.last) {
        this.remindToSave();
        const until = Math.min(this.last, nextKept(step, board.keeping));
        const { nlls, kls, agreement } = stepper.advance(step, until - step);
        const [nll, kl] = [nlls[0]!, kls[0]!];
        if (!Number.isFinite(nll + kl)) {
          const bad = stepper.badNumber();
          // the weights that this loss is of make no sense any more
          this.save(stepper.goBack() ? step - 1 : step);
          return { end: 'diverged', step, nll, kl, bad };
        }
        stepper.accept();
        reporter.record(step, nlls, kls);
        step += nlls.length;
        this.keep(step);
        if (this.heed(agreement, step) === Decision.stop) break;
      }
      return { end: step < task.steps ? 'stopped' : 'done', step };
    } finally {
      reporter.flush();
    }
  }

  /** Keeps the vectors for good, where a method does so after this step. */
  private keep(step: number): void {
    const { board } = this.task;
    const before = keptBy(step - 1, board.keeping);
    if (keptBy(step, board.keeping) > before) this.stepper.save(keptSet(board, before));
  }

  /** Whether a process knows the state of its own chains only. */
  private get isScattered(): boolean {
    return this.task.place !== undefined && this.task.plan.kind === 'chains';
  }

  /** Adds up over the processes what was saved, and what was kept since the last time: each has zeros for the chains of others. */
  private gather(step: number, speaker: Speaker): void {
    const { board } = this.task;
    for (const values of this.saved.spare()) speaker.sum(values);
    for (const until = keptBy(step, board.keeping); this.gathered < until; this.gathered++) {
      for (const values of keptSet(board, this.gathered)) speaker.sum(values);
    }
  }

  /** Saves and pauses as agreed; returns what to do then. */
  private heed(agreement: Agreement, step: number): Decision {
    const { x, batch } = this.task.board.shapes;
    const { last, saves } = meaningOf(agreement, { step, last: this.last, rows: x[0]!, batch });
    this.last = last;
    if (saves) this.save(step);
    if (agreement.decision !== Decision.pause) return agreement.decision;
    this.reporter.flush();
    const next = this.waitWhilePaused();
    this.watch.skip();
    return this.heed(next, step);
  }

  /** Agrees with all workers of all processes on what to do. */
  private agree(): Agreement {
    const { control, speaker, task } = this;
    if (!task.place) return control.agree();
    control.barrier();
    speaker?.meet({ nll: 0, kl: 0 }, noTime);
    control.barrier();
    return control.agreement;
  }

  /** Until it is agreed that the pause is over. A copy of the state that somebody asks for meanwhile is there: it was made before the pause. */
  private waitWhilePaused(): Agreement {
    const { control, reporter, task } = this;
    const remind = task.share.rank === 0 ? () => reporter.saved() : undefined;
    if (!task.place) {
      control.waitWhilePaused(remind);
      return control.agree();
    }
    for (;;) {
      control.nap();
      const agreement = this.agree();
      if (agreement.save) remind?.();
      if (agreement.decision !== Decision.pause) return { ...agreement, save: false };
    }
  }

  private remindToSave(): void {
    const now = performance.now();
    const { share, place } = this.task;
    if (share.rank !== 0 || now - this.lastSave < (place ? SLOW_SAVE_MS : SAVE_MS)) return;
    this.lastSave = now;
    this.control.askSave();
  }

  /** Copies the state to shared memory, each worker its part. Whoever reads there, or if a worker dies here: a copy is whole. */
  private save(step: number): void {
    const { control, saved, stepper, task } = this;
    const copy = 1 - control.whole.copy;
    if (this.isScattered) {
      if (this.speaker) for (const values of saved.spare()) values.fill(0);
      control.barrier();
    }
    stepper.save(saved.spare());
    control.barrier();
    if (this.isScattered && this.speaker) this.gather(step, this.speaker);
    if (task.share.rank === 0) {
      control.publish(copy, step);
      this.reporter.saved();
    }
    control.barrier();
  }
}
