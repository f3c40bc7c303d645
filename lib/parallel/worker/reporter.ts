import type { MessagePort } from 'node:worker_threads';
import type { Report } from './protocol';

const REPORT_MS = 50;

/** Tells the main thread how training goes: every step's losses, sent in batches so that fast steps do not flood it. */
export class Reporter {
  /** The first step that was not told yet. */
  private step = 0;
  private nll: number[] = [];
  private kl: number[] = [];
  private sent = 0;

  /** @param port undefined in a worker that does not report */
  constructor(private readonly port: Pick<MessagePort, 'postMessage'> | undefined) {}

  /** The losses of steps from number `step` on; the first step is reported at once. */
  record(step: number, nlls: readonly number[], kls: readonly number[]): void {
    if (!this.port) return;
    if (this.nll.length === 0) this.step = step;
    this.nll.push(...nlls);
    this.kl.push(...kls);
    if (performance.now() - this.sent > REPORT_MS) this.flush();
  }

  flush(): void {
    if (this.nll.length > 0) this.post({ type: 'metrics', step: this.step, nll: this.nll, kl: this.kl });
    this.nll = [];
    this.kl = [];
    this.sent = performance.now();
  }

  /** A copy of the state is in shared memory. */
  saved(): void {
    this.flush();
    this.post({ type: 'saved' });
  }

  private post(report: Report): void {
    this.port?.postMessage(report);
  }
}
