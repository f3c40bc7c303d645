import { CredenceError } from '../../errors';
import type { Pointer } from './capi';

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
  ) {}
}

/** The tensors of one context that were not freed yet. */
export class Handles {
  private readonly live = new Set<Handle>();

  get size(): number {
    return this.live.size;
  }

  add(pointer: Pointer): Handle {
    const handle = new Handle(pointer, this);
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
    return pointer;
  }

  [Symbol.iterator](): Iterator<Handle> {
    return this.live.values();
  }
}
