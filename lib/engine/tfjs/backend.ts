/**
 * What tfjs computes on in this thread: TensorFlow's library, or without it WebAssembly or plain JavaScript. The fallbacks have the
 * same API and the same random numbers; they run every operation on its own, on one core.
 */
import * as tf from '@tensorflow/tfjs';
import { CredenceError } from '../../errors';
import { type BackendName, requestedBackend } from './choice';
import { type Device, processor } from '../native/devices';
import { installCpu } from './fallback/cpu';
import { installWasm } from './fallback/wasm';
import { tensorflow } from './tensorflow';

let current: BackendName | undefined;

// who computes with tfjs before anything of ours was called gets our backend, not the first that tfjs finds
(
  tf.engine() as unknown as { initializeBackendsAndReturnBest: () => object }
).initializeBackendsAndReturnBest = () => ({ name: backend(), asyncInit: false });

/**
 * The backend of this thread. The first call installs it: the one that `CREDENCE_BACKEND` names, else TensorFlow, else a
 * fallback with a line on standard error about what is missing.
 * @throws CredenceError E_LIBRARY if `CREDENCE_BACKEND` asks for TensorFlow and its library is not there
 */
export function backend(): BackendName {
  current ??= install(requestedBackend());
  return current;
}

/** Whether functions are compiled (by TensorFlow), or run operation by operation (on a fallback). */
export const compiles = (): boolean => backend() === 'tensorflow';

function install(requested: BackendName | undefined): BackendName {
  if (requested === 'cpu') return installCpu();
  if (requested === 'wasm') return installWasm();
  try {
    tensorflow();
    return 'tensorflow';
  } catch (error) {
    const missing = error instanceof CredenceError && error.code === 'E_LIBRARY';
    if (requested === 'tensorflow' || !missing) throw error;
    return installFallback(error.message);
  }
}

/** @param reason why TensorFlow cannot be used */
function installFallback(reason: string): BackendName {
  let name: BackendName;
  try {
    name = installWasm();
  } catch {
    name = installCpu(); // no WebAssembly here
  }
  process.stderr.write(
    `credence: TensorFlow is not used: ${reason}. Computing with tfjs's '${name}' backend instead: the same results, some ten times slower. CREDENCE_BACKEND=${name} hides this line\n`,
  );
  return name;
}

/** The processors to compute on, GPUs first. On a fallback that is the CPU. */
export function devices(): Device[] {
  if (!compiles()) return [processor('/device:CPU:0')];
  const { devices } = tensorflow().context;
  return [...devices].sort((a, b) => Number(b.type === 'GPU') - Number(a.type === 'GPU'));
}
