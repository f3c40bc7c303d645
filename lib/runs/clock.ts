/** Counts seconds of work: it stands still while nobody works. */
export class Clock {
  private before = 0;
  private since: number | undefined = performance.now();

  go(): void {
    this.since ??= performance.now();
  }

  halt(): void {
    this.before = this.seconds;
    this.since = undefined;
  }

  get seconds(): number {
    return this.before + (this.since === undefined ? 0 : (performance.now() - this.since) / 1000);
  }
}
