/** What a worker's time goes to. */
export type Activity = 'compute' | 'exchange' | 'wait';

/** Adds up how long each activity took, in seconds. */
export class Stopwatch {
  private readonly seconds: Record<Activity, number> = { compute: 0, exchange: 0, wait: 0 };
  private since = performance.now();

  /** Forgets what was before: the first step waits for the compiler. */
  reset(): void {
    this.seconds.compute = this.seconds.exchange = this.seconds.wait = 0;
    this.since = performance.now();
  }

  /** What was done since the last call was this. */
  lap(activity: Activity): void {
    const now = performance.now();
    this.seconds[activity] += (now - this.since) / 1000;
    this.since = now;
  }

  get times(): Readonly<Record<Activity, number>> {
    return this.seconds;
  }
}
