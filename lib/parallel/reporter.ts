import type { MessagePort } from 'node:worker_threads';
import type { Report } from './protocol';

const REPORT_MS = 50;

/** Tells the main thread how training goes: every step's losses, sent in batches so that fast steps do not flood it. */
export class Reporter {
  private nll: number[] = [];
  private kl: number[] = [];
  private sent = 0;

  /** @param port undefined in a worker that does not report */
  constructor(private readonly port: Pick<MessagePort, 'postMessage'> | undefined) {}

  /** The losses of a step; the first step is reported at once. */
  record(nll: number, kl: number): void {
    if (!this.port) return;
    this.nll.push(nll);
    this.kl.push(kl);
    if (performance.now() - this.sent > REPORT_MS) this.flush();
  }

  flush(): void {
    if (this.nll.length > 0) this.post({ type: 'metrics', nll: this.nll, kl: this.kl });
    this.nll = [];
    this.kl = [];
    this.sent = performance.now();
  }

  /** A copy of the variables is in shared memory. */
  snapshot(step: number): void {
    this.flush();
    this.post({ type: 'snapshot', step });
  }

  private post(report: Report): void {
    this.port?.postMessage(report);
  }
}
