import type { Context } from '../engine/native/context';
import { keptSet, SavedState } from './board';
import { ChainStep } from './chainStep';
import { type Agreement, type Control, Decision } from './control';
import { Inputs } from './inputs';
import type { Outcome, Task } from './protocol';
import { Reporter } from './reporter';
import { SharedStep } from './sharedStep';
import { keptBy, nextKept } from './state';
import type { Stepper } from './stepper';
import { WholeStep } from './wholeStep';

/** However long nobody asks for it, the state is copied so often: what is lost with a worker that dies. */
const SAVE_MS = 1000;

/** The training loop of one worker. Its tensors live as long as the context it has borrowed. */
export class Trainer {
  private readonly inputs: Inputs;
  private readonly saved: SavedState;
  private readonly stepper: Stepper;
  private readonly reporter: Reporter;
  /** The first step is saved at once: workers that die again and again get on by it. */
  private lastSave = -Infinity;

  constructor(
    context: Context,
    private readonly task: Task,
    private readonly control: Control,
  ) {
    const { board, plan, share, workers } = task;
    this.inputs = new Inputs(context, board);
    this.saved = new SavedState(board, control);
    this.reporter = new Reporter(task.port);
    const start = this.saved.whole();
    this.stepper = (() => {
      switch (plan.kind) {
        case 'whole':
          return new WholeStep(context, plan, board, this.inputs, control, start);
        case 'split':
          return new SharedStep(context, { plan, board, share, workers, control }, this.inputs, start);
        case 'chains':
          return new ChainStep(context, { plan, board, rank: share.rank, control }, this.inputs, start);
      }
    })();
  }

  /** Trains until the last step, or until all workers agree to stop. The state is saved afterwards. @throws PeerDied */
  run(): Outcome {
    const { control, reporter, stepper, task } = this;
    const { steps, board } = task;
    let { step } = control.whole;
    try {
      const start = control.agree();
      if (start.decision === Decision.pause && this.heed(start, step) === Decision.stop) {
        return { end: 'stopped', step };
      }
      while (step < steps) {
        this.remindToSave();
        const until = Math.min(steps, nextKept(step, board.keeping));
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
        const decision = this.heed(agreement, step);
        if (decision === Decision.stop && step < steps) return { end: 'stopped', step };
      }
      return { end: 'done', step };
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

  /** Saves and pauses as agreed; returns what to do then. */
  private heed({ decision, save }: Agreement, step: number): Decision {
    const { control, reporter, task } = this;
    if (save || decision !== Decision.go || step === task.steps) this.save(step);
    if (decision !== Decision.pause) return decision;
    reporter.flush();
    control.waitWhilePaused(task.share.rank === 0 ? () => reporter.saved() : undefined);
    return this.heed(control.agree(), step);
  }

  private remindToSave(): void {
    const now = performance.now();
    if (this.task.share.rank !== 0 || now - this.lastSave < SAVE_MS) return;
    this.lastSave = now;
    this.control.askSave();
  }

  /** Copies the state to shared memory, each worker its part. Whoever reads there, or if a worker dies here: a copy is whole. */
  private save(step: number): void {
    const { control, saved, stepper, task } = this;
    const copy = 1 - control.whole.copy;
    stepper.save(saved.spare());
    control.barrier();
    if (task.share.rank === 0) {
      control.publish(copy, step);
      this.reporter.saved();
    }
    control.barrier();
  }
}
