/**
 * Where a context notes the pointers that are not handles yet. C, or the statement that calls it, writes them here, and nothing of
 * JavaScript runs in between: a thread that is ended from outside ends where a function begins or a loop turns.
 */
export interface Notes {
  /** The TFE_Op that all operations use in turn: cheaper to reset than to make. */
  readonly operation: BigUint64Array;
  /** The TF_Tensor that is on its way between TensorFlow and JavaScript. */
  readonly tensor: BigUint64Array;
  /**
   * Room for new TFE_TensorHandles, from the start of the array.
   * @throws CredenceError E_MEMORY if there is not enough
   */
  room(count: number): BigUint64Array;
}

/** Notes that end with their thread, for a context that is never lent. */
export function privateNotes(): Notes {
  let made = new BigUint64Array(16);
  return {
    operation: new BigUint64Array(1),
    tensor: new BigUint64Array(1),
    room(count) {
      if (count > made.length) made = new BigUint64Array(2 * count);
      return made;
    },
  };
}
