/** What a worker's time goes to. */
export type Activity = 'compute' | 'exchange' | 'wait';

/** Seconds that were spent on each activity. */
export type Times = Readonly<Record<Activity, number>>;

export const noTime: Times = { compute: 0, exchange: 0, wait: 0 };

/** What one of several spends on average. */
export const meanTimes = (all: readonly Times[]): Times => ({
  compute: mean(all.map(({ compute }) => compute)),
  exchange: mean(all.map(({ exchange }) => exchange)),
  wait: mean(all.map(({ wait }) => wait)),
});

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Adds up how long each activity took, in seconds. */
export class Stopwatch {
  private readonly seconds: Record<Activity, number> = { compute: 0, exchange: 0, wait: 0 };
  private since = performance.now();

  /** Forgets what was before: the first step waits for the compiler. */
  reset(): void {
    this.seconds.compute = this.seconds.exchange = this.seconds.wait = 0;
    this.skip();
  }

  /** What was since the last call does not count: nobody worked. */
  skip(): void {
    this.since = performance.now();
  }

  /** What was done since the last call was this. */
  lap(activity: Activity): void {
    const now = performance.now();
    this.seconds[activity] += (now - this.since) / 1000;
    this.since = now;
  }

  get times(): Times {
    return this.seconds;
  }
}
