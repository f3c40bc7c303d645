import { CredenceError } from '../../errors';
import type { Pointer } from './capi';
import { Ledger } from './ledger';
import type { NativeContext } from './nativeContext';
import { carry, deleteMark, drop, hasEnded, newMark, type ThreadMark } from './threadMark';

/** What another thread of the process needs to borrow a context: plain data, to be posted or given as `workerData`. */
export interface LentContext {
  readonly native: NativeContext;
  /** The TF_Status, which is lent with the context so that a thread that is ended leaves none behind. */
  readonly status: Pointer;
  /** Of the ledger. */
  readonly memory: SharedArrayBuffer;
  /** Tells whether the borrower still runs. */
  readonly borrower: ThreadMark;
}

/** The owner's side and the borrowers' of a context that is lent: one after the other uses it, the owner when nobody else does. */
export class Loan {
  readonly ledger: Ledger;

  constructor(readonly lent: LentContext) {
    this.ledger = new Ledger(lent.memory);
  }

  static of(native: NativeContext, status: Pointer): Loan {
    return new Loan({ native, status, memory: Ledger.allocate(), borrower: newMark() });
  }

  /** Whether a thread has the context. One that ended without giving it back has it no more. */
  get out(): boolean {
    return this.ledger.held && !hasEnded(this.lent.borrower);
  }

  /** @throws CredenceError E_ENGINE if a thread has the context */
  assertIn(): void {
    if (!this.out) return;
    throw new CredenceError(
      'E_ENGINE',
      'this context is lent to a thread that still runs: dispose of it there, or end that thread, first',
    );
  }

  /** The calling thread borrows the context, and frees what an earlier borrower could not. */
  begin(): void {
    this.assertIn();
    this.ledger.clear();
    carry(this.lent.borrower);
    this.ledger.held = true;
  }

  /** The borrower gives the context back. */
  end(): void {
    this.ledger.clear();
    this.leave();
  }

  /** The borrower gives the context back, and leaves what it has not freed to whoever comes next. */
  leave(): void {
    this.ledger.held = false;
    drop(this.lent.borrower);
  }

  /** The owner lends it no more. */
  dispose(): void {
    this.assertIn();
    this.ledger.clear();
    deleteMark(this.lent.borrower);
  }
}
