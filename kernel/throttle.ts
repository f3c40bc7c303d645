/**
 * Hands on at most one value per interval: the first at once, then the latest. The last value is never lost.
 *
 * ```
 * push   1 2 3 4 . . . . 5
 * send   1 . . . 4 . . . 5     interval = 4 columns
 * ```
 */
export class Throttle<T> {
  private waiting: { value: T } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private sent = -Infinity;

  constructor(
    private readonly interval: number,
    private readonly send: (value: T) => void,
  ) {}

  push(value: T): void {
    this.waiting = { value };
    const wait = this.sent + this.interval - performance.now();
    if (wait <= 0) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Sends the value that waits, if one does, at once. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.waiting) return;
    const { value } = this.waiting;
    this.waiting = undefined;
    this.sent = performance.now();
    this.send(value);
  }
}
