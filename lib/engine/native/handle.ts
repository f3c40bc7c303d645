import { CredenceError } from '../../errors';
import { capi, type Pointer } from './capi';
import type { Ledger } from './ledger';
import type { Status } from './status';

/**
 * A tensor that lives in TensorFlow (a TFE_TensorHandle). Whoever got it frees it with `Context.free`. It is an object and not the
 * bare pointer, because C gives an address out again as soon as it is free: a pointer cannot tell whether it is still the same tensor.
 */
export class Handle {
  constructor(
    /** Null once freed. */
    public pointer: Pointer | null,
    /** Whose tensor it is. */
    readonly owner: Handles,
    /** Its place in the ledger, where there is one. */
    readonly place: number,
  ) {}
}

/** The tensors of one context that were not freed yet. */
export class Handles {
  private readonly live = new Set<Handle>();

  /** @param ledger where a borrowed context keeps its pointers, too */
  constructor(private readonly ledger?: Ledger) {}

  get size(): number {
    return this.live.size;
  }

  /** Takes over a new pointer from where it was noted. */
  take(made: BigUint64Array, index: number): Handle {
    const pointer = made[index]!;
    const place = this.ledger === undefined ? -1 : this.ledger.enter(pointer);
    made[index] = 0n; // only now: the ledger must have it in one place at least
    const handle = new Handle(pointer, this, place);
    this.live.add(handle);
    return handle;
  }

  /** @throws CredenceError E_DISPOSED for a tensor that was freed, or of another context: C would crash on it */
  pointerOf({ owner, pointer }: Handle): Pointer {
    if (owner !== this)
      throw new CredenceError('E_DISPOSED', 'this tensor belongs to another TensorFlow context');
    if (pointer === null) throw new CredenceError('E_DISPOSED', 'this tensor was disposed');
    return pointer;
  }

  /**
   * Ends a handle.
   * @returns the pointer to free, or null if that was done before
   */
  remove(handle: Handle): Pointer | null {
    if (handle.pointer === null) return null;
    const pointer = this.pointerOf(handle);
    handle.pointer = null;
    this.live.delete(handle);
    this.ledger?.strike(handle.place);
    return pointer;
  }

  [Symbol.iterator](): Iterator<Handle> {
    return this.live.values();
  }
}

/** The type of the tensor behind a TFE_TensorHandle. */
export const typeOf = (pointer: Pointer): number => capi().TFE_TensorHandleDataType(pointer);

export function shapeOf(pointer: Pointer, status: Status): number[] {
  const c = capi();
  const rank = c.TFE_TensorHandleNumDims(pointer, status.pointer);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++)
    shape.push(Number(c.TFE_TensorHandleDim(pointer, axis, status.pointer)));
  return shape;
}
