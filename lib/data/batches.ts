import { foldIn, type Key, permutation } from '../threefry';

/**
 * The rows of each batch: the data in a new random order every epoch, cut into batches that run on from one epoch into the next, so
 * that no batch is short and every datum is seen once per epoch. A pure function of key and step: all workers agree.
 */
export class Batches {
  private epoch = -1;
  private order: Int32Array = new Int32Array();

  constructor(
    private readonly key: Key,
    private readonly size: number,
    private readonly batch: number,
  ) {}

  /**
   * The row numbers of step `step` (counted from 0), as many as `rows` has.
   * @param first the place in the batch that they begin at
   */
  fill(rows: Int32Array, step: number, first = 0): void {
    for (let i = 0; i < rows.length; i++) {
      const at = step * this.batch + first + i;
      const epoch = Math.floor(at / this.size);
      if (epoch !== this.epoch) this.shuffle(epoch);
      rows[i] = this.order[at % this.size]!;
    }
  }

  private shuffle(epoch: number): void {
    this.epoch = epoch;
    this.order = permutation(foldIn(this.key, epoch), this.size);
  }
}
