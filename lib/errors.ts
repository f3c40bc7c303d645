/** Every way Credence can refuse or fail. The codes are stable: programs may branch on them, messages may change. */
export type CredenceErrorCode =
  | 'E_OPTION' // an option is unknown, missing or out of range
  | 'E_SHAPE' // an array or layer has the wrong shape
  | 'E_DATA' // data holds NaN, labels out of range, ...
  | 'E_FILE' // a data file is missing, corrupt or cannot be downloaded
  | 'E_ENGINE' // TensorFlow refused an operation
  | 'E_MEMORY' // there is not enough memory for an operation; what was there before is still usable
  | 'E_LIBRARY' // a native library or Python package was not found
  | 'E_TRACE' // a function cannot be compiled (reads a traced value, JS randomness, ...)
  | 'E_DISPOSED' // something was used after it was freed
  | 'E_WORKER' // a worker thread died
  | 'E_DIVERGED' // training produced NaN or Inf
  | 'E_RUN' // a run has no result, or was asked for something it cannot do
  | 'E_MPI' // there is no MPI library that fits, or ranks of a job cannot reach each other
  | 'E_CLUSTER' // a job of several processes could not be started, or has ended too early
  | 'E_KERNEL'; // the Jupyter kernel or its installation

/** The only error class of Credence: what was wrong, what was expected, what to do, and a code to branch on. */
export class CredenceError extends Error {
  override readonly name = 'CredenceError';

  constructor(
    readonly code: CredenceErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
