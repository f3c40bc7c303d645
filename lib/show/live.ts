import { type Dataset, take } from '../data/dataset';
import type { Kind } from '../distributions/likelihood';
import { CredenceError } from '../errors';
import { viewBundle } from '../figures/bundle';
import { lossFigure } from '../figures/loss';
import { type Figure, type Progress, type View, WIRE_VERSION } from '../figures/wire';
import { displaySymbol, type Live, liveSymbol, type MimeBundle } from '../host';
import type { Posterior } from '../inference/posterior/posterior';
import type { Run } from '../runs/run';
import { evaluate, type Evaluation } from './evaluate';

const REDRAW_MS = 200;
/** Looking at the posterior may take this share of the time, but is done at least every few seconds. */
const EVALUATION_SHARE = 0.1;
const MAX_WAIT_MS = 2000;
const MAX_ROWS = 512;
const SAMPLES = 16;
const FINAL_SAMPLES = 64;

/** Data to show predictions for. */
export interface Watched {
  data: Dataset;
  /** What the figures call it: 'validation data'. */
  name: string;
}

/** The mean of the last values: a batch's loss is noisy. */
function recent(values: readonly number[]): number {
  const last = values.slice(-20);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

function progressOf(run: Run, extra: Record<string, number>, trouble: string | undefined): Progress {
  const { plan, step, state, stepsPerSecond, history, error } = run;
  const losses = step > 0 ? { nll: recent(history.nll), kl: recent(history.kl) } : undefined;
  const waiting = state === 'starting' ? 'compiling the training step' : null;
  return {
    id: run.id,
    state,
    step,
    steps: plan.steps,
    epoch: step === plan.steps ? plan.epochs : Math.floor(step / plan.stepsPerEpoch),
    epochs: plan.epochs,
    elapsed: run.elapsed,
    eta: run.active && stepsPerSecond !== null ? (plan.steps - step) / stepsPerSecond : null,
    stepsPerSecond,
    workers: run.workers,
    samples: plan.samples,
    message: error?.message ?? trouble ?? run.notice ?? waiting,
    metrics: { ...(losses && { loss: losses.nll + losses.kl, ...losses }), ...extra },
  };
}

function lossOf({ history }: Run): Figure[] {
  if (history.nll.length < 2) return [];
  const loss = history.nll.map((nll, i) => nll + history.kl[i]!);
  return [lossFigure({ steps: loss.map((_, i) => i + 1), loss, ...history })];
}

/** The view of a run: progress, losses, and what the posterior says about data it is not trained on. */
class LiveView {
  private evaluation: Evaluation | undefined;
  /** Why there is no evaluation. */
  private trouble: string | undefined;
  private evaluating = false;
  private nextEvaluation = 0;
  private finished = false;

  constructor(
    private readonly run: Run,
    private readonly kind: Kind,
    private readonly watched: Watched,
  ) {}

  bundle(): MimeBundle {
    const { run, evaluation, trouble } = this;
    const view: View = {
      version: WIRE_VERSION,
      kind: 'run',
      progress: progressOf(run, evaluation?.metrics ?? {}, trouble),
      figures: [...lossOf(run), ...(evaluation?.figures ?? [])],
    };
    return viewBundle(view);
  }

  /** Redraws while the run goes on, at most every 200 ms; once more at its end, at once. */
  watch(redraw: (bundle: MimeBundle) => void): () => void {
    let timer: NodeJS.Timeout | undefined;
    let closed = false;
    const draw = (): void => {
      timer = undefined;
      redraw(this.bundle());
      void this.evaluateNow().then((fresh) => fresh && schedule());
    };
    const schedule = (): void => {
      if (!closed) timer ??= setTimeout(draw, REDRAW_MS);
    };
    const close = (): void => {
      closed = true;
      clearTimeout(timer);
      unsubscribe();
    };
    const unsubscribe = this.run.onChange(() => {
      if (this.run.active) schedule();
      else {
        close();
        this.finish();
        redraw(this.bundle());
      }
    });
    if (this.run.active) schedule();
    return close;
  }

  /** Looks at the posterior as it is now, unless that was done just now. */
  private async evaluateNow(): Promise<boolean> {
    const { run } = this;
    if (this.evaluating || run.state !== 'running' || performance.now() < this.nextEvaluation) return false;
    this.evaluating = true;
    try {
      const posterior = await run.snapshot();
      if (!run.active) return false;
      const start = performance.now();
      this.look(posterior, SAMPLES);
      const cost = performance.now() - start;
      this.nextEvaluation = performance.now() + Math.min(MAX_WAIT_MS, cost / EVALUATION_SHARE);
      return true;
    } finally {
      this.evaluating = false;
    }
  }

  /** The last look, with more samples; one, however many displays there are. */
  finish(): void {
    const { run } = this;
    if (run.step > 0 && !this.finished) this.look(run.posterior, FINAL_SAMPLES);
    this.finished = true;
  }

  /** Weights that have run away predict no numbers: then there are no figures, and the view says why. */
  private look(posterior: Posterior, samples: number): void {
    this.evaluation = undefined;
    this.trouble = undefined;
    try {
      this.evaluation = evaluate(this.kind, posterior, this.watched, samples);
    } catch (error) {
      if (!(error instanceof CredenceError)) throw error;
      this.trouble = `the predictions cannot be shown: ${error.message}`;
    }
  }
}

/** At most so many rows, spread evenly. */
export function thin(data: Dataset): Dataset {
  const rows = data.x.shape[0]!;
  if (rows <= MAX_ROWS) return data;
  return take(
    data,
    Array.from({ length: MAX_ROWS }, (_, i) => Math.floor((i * rows) / MAX_ROWS)),
  );
}

/** Lets a run show itself: at once as rich output, and live while it trains. */
export function makeLive<R extends Run>(run: R, kind: Kind, { data, name }: Watched): R & Live {
  const view = new LiveView(run, kind, { data: thin(data), name });
  return Object.assign(run, {
    [displaySymbol]: () => {
      if (!run.active) view.finish();
      return view.bundle();
    },
    [liveSymbol]: (redraw: (bundle: MimeBundle) => void) => view.watch(redraw),
  });
}
