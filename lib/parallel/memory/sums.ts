import type { Times } from './stopwatch';

/** Numbers that each worker tells the others, or the main thread. */
const names = ['nll', 'coupled', 'kl', 'compute', 'exchange', 'wait'] as const;
type Name = (typeof names)[number];

/** A few doubles of each worker in shared memory. */
export class Sums {
  private readonly values: Float64Array;

  static allocate(workers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT * names.length * workers);
  }

  constructor(buffer: SharedArrayBuffer) {
    this.values = new Float64Array(buffer);
  }

  set(rank: number, name: Name, value: number): void {
    this.values[rank * names.length + names.indexOf(name)] = value;
  }

  setTimes(rank: number, times: Times): void {
    this.set(rank, 'compute', times.compute);
    this.set(rank, 'exchange', times.exchange);
    this.set(rank, 'wait', times.wait);
  }

  /** Over all workers, in the order of their ranks: the same for everyone. */
  total(name: Name): number {
    let sum = 0;
    for (let i = names.indexOf(name); i < this.values.length; i += names.length) sum += this.values[i]!;
    return sum;
  }

  /** Seconds that each worker has spent so far. */
  get times(): Times[] {
    return Array.from({ length: this.values.length / names.length }, (_, rank) => ({
      compute: this.of(rank, 'compute'),
      exchange: this.of(rank, 'exchange'),
      wait: this.of(rank, 'wait'),
    }));
  }

  private of(rank: number, name: Name): number {
    return this.values[rank * names.length + names.indexOf(name)]!;
  }
}
