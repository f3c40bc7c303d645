import { CredenceError } from '../errors';
import { capi, type Pointer } from './capi';

/** A TF_Status: the place where the C API puts its errors. */
export class Status {
  readonly pointer: Pointer = capi().TF_NewStatus();

  /** @throws CredenceError E_ENGINE if the last call failed; `what` says what was tried */
  check(what: string): void {
    const { TF_GetCode, TF_Message } = capi();
    if (TF_GetCode(this.pointer) === 0) return;
    // TensorFlow appends where in its graph the error arose; the first line says what happened
    const message = TF_Message(this.pointer).split('\n')[0];
    throw new CredenceError('E_ENGINE', `TensorFlow refused ${what}: ${message}`);
  }

  dispose(): void {
    capi().TF_DeleteStatus(this.pointer);
  }
}
