/**
 * Does something when it is asked for, but not more often than once in an interval. What was asked for in between is done once, at
 * the interval's end: the last state is never left out.
 */
export class Pace {
  private timer: NodeJS.Timeout | undefined;
  private last = -Infinity;

  /** @param interval in milliseconds, at the moment */
  constructor(
    private readonly interval: () => number,
    private readonly act: () => void,
  ) {}

  ask(): void {
    const wait = Math.max(0, this.last + this.interval() - performance.now());
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.act();
      this.last = performance.now();
    }, wait);
  }

  /** The next time is as soon as possible, whenever it was done last. */
  hurry(): void {
    this.last = -Infinity;
    this.cancel();
    this.ask();
  }

  /** Takes back what was asked for. */
  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
