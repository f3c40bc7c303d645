import { type Dataset, take } from '../data/dataset';
import type { Kind } from '../distributions/likelihood';
import { CredenceError } from '../errors';
import { viewBundle } from '../figures/bundle';
import type { View } from '../figures/wire/messages';
import { displaySymbol, type Live, liveSymbol, type MimeBundle } from '../host';
import { atOnce, type BySteps, inTurns } from '../inference/posterior/bySteps';
import type { Posterior } from '../inference/posterior/posterior';
import type { Run } from '../runs/run';
import { detailsOf } from './details';
import { evaluating } from './evaluate';
import { Feed } from './feed';
import { Pace } from './pace';
import { type Look, viewOf } from './runView';

/** Who follows the run is told so often. */
const FEED_MS = 200;
/** The display is redrawn so often: by itself, and where a follower shows what is new, only for what is saved to be nearly current. */
const REDRAW_MS = 500;
const SAVE_MS = 10_000;
/** Looking at the posterior may take this share of the time; or this one, where it would be rarer than every few seconds. */
const EVALUATION_SHARE = 0.1;
const LARGEST_SHARE = 0.25;
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

type Redraw = (bundle: MimeBundle) => void;

/** The view of a run while it trains. It is made only as long as somebody follows it or has it on display. */
class LiveView {
  private readonly displays = new Set<Redraw>();
  private readonly feed: Feed;
  private readonly feeding = new Pace(
    () => FEED_MS,
    () => {
      this.feed.publish(this.view());
      this.evaluateNow();
    },
  );
  private readonly redrawing = new Pace(
    () => (this.feed.followed ? SAVE_MS : REDRAW_MS),
    () => {
      this.redraw();
      this.evaluateNow();
    },
  );
  private latest: Look = {};
  private evaluating = false;
  private nextEvaluation = 0;
  /** The step after which the posterior was looked at last. */
  private seen = 0;
  private finished = false;
  private state: Run['state'];

  constructor(
    private readonly run: Run,
    private readonly kind: Kind,
    private readonly watched: Watched,
  ) {
    this.state = run.state;
    this.feed = new Feed(
      run.id,
      () => {
        this.redrawing.cancel(); // it may have waited for longer than it must now
        this.changed();
      },
      () => this.view(),
    );
    const unsubscribe = run.onChange(() => {
      if (run.active) return this.changed();
      unsubscribe();
      this.end();
    });
  }

  view(): View {
    return viewOf(this.run, this.latest);
  }

  /** Redraws a display while the run goes on, and once more at its end, at once. Returns the function that ends it. */
  watch(redraw: Redraw): () => void {
    this.displays.add(redraw);
    this.changed();
    return () => this.displays.delete(redraw);
  }

  /** The last look, with more samples; one, however many displays there are. */
  finish(): void {
    const { run } = this;
    if (run.step > 0 && !this.finished) this.latest = atOnce(this.looking(run.posterior, FINAL_SAMPLES));
    this.finished = true;
  }

  private changed(): void {
    const { state } = this.run;
    if (!this.run.active) return;
    if (this.feed.followed) this.feeding.ask();
    if (this.displays.size === 0) return;
    // what is saved says at once that a run is paused
    if (state !== this.state && state === 'paused') this.redrawing.hurry();
    else this.redrawing.ask();
    this.state = state;
  }

  private end(): void {
    this.feeding.cancel();
    this.redrawing.cancel();
    if (this.feed.followed || this.displays.size > 0) this.finish();
    this.feed.end(this.view());
    this.redraw();
  }

  private redraw(): void {
    if (this.displays.size === 0) return;
    const bundle = viewBundle(this.view());
    for (const redraw of this.displays) redraw(bundle);
  }

  /** Looks at the posterior as it is now, unless that was done just now; who pauses sees what there is in the pause. */
  private evaluateNow(): void {
    const { run } = this;
    const isDue = run.state === 'running' && performance.now() >= this.nextEvaluation;
    const isNew = run.state === 'paused' && run.step > this.seen;
    if (this.evaluating || !(isDue || isNew)) return;
    this.evaluating = true;
    this.seen = run.step;
    void this.evaluate().finally(() => (this.evaluating = false));
  }

  private async evaluate(): Promise<void> {
    const posterior = await this.run.snapshot();
    if (!this.run.active) return;
    const start = performance.now();
    const look = await inTurns(this.looking(posterior, SAMPLES));
    if (!this.run.active) return; // there is a better one
    this.latest = look;
    const cost = performance.now() - start;
    const rare = Math.max(MAX_WAIT_MS, cost / LARGEST_SHARE);
    this.nextEvaluation = performance.now() + Math.min(rare, cost / EVALUATION_SHARE);
    this.changed();
  }

  /** Weights that have run away predict no numbers: then there are no figures, and the view says why. */
  private *looking(posterior: Posterior, samples: number): BySteps<Look> {
    const details = detailsOf(this.run, posterior);
    try {
      return { details, evaluation: yield* evaluating(this.kind, posterior, this.watched, samples) };
    } catch (error) {
      if (!(error instanceof CredenceError)) throw error;
      return { details, trouble: `the predictions cannot be shown: ${error.message}` };
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
      return viewBundle(view.view());
    },
    [liveSymbol]: (redraw: (bundle: MimeBundle) => void) => view.watch(redraw),
  });
}
