import { CredenceError } from '../../errors';
import { capi, type Pointer } from './capi';

const RESOURCE_EXHAUSTED = 8;

/** TensorFlow's message without the names it gives to places in its graph, and without what follows the first line. */
const firstLine = (message: string): string =>
  message
    .split('\n')[0]!
    .replace(/\{\{function_node [^}]*\}\}\s*/g, '')
    .replace(/\s*\[Op:[^\]]*\]/g, '')
    .trim();

/** A TF_Status: the place where the C API puts its errors. */
export class Status {
  /** @param pointer one that exists already, to use it; default a new one */
  constructor(readonly pointer: Pointer = capi().TF_NewStatus()) {}

  /**
   * @param what what was tried; a function where the words cost time to find
   * @throws CredenceError if the last call failed: E_MEMORY if there was not enough memory, else E_ENGINE
   */
  check(what: string | (() => string)): void {
    const { TF_GetCode, TF_Message } = capi();
    const code = TF_GetCode(this.pointer);
    if (code === 0) return;
    const message = firstLine(TF_Message(this.pointer));
    const tried = typeof what === 'string' ? what : what();
    if (code === RESOURCE_EXHAUSTED) {
      throw new CredenceError(
        'E_MEMORY',
        `there is not enough memory for ${tried}: ${message}. Use smaller batches or fewer samples at a time, or dispose of tensors`,
      );
    }
    throw new CredenceError('E_ENGINE', `TensorFlow refused ${tried}: ${message}`);
  }

  dispose(): void {
    capi().TF_DeleteStatus(this.pointer);
  }
}
