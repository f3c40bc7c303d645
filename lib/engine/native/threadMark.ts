import koffi from 'koffi';
import { CredenceError } from '../../errors';
import { capi, cString, type Pointer } from './capi';

/**
 * Something that a thread carries and that tells any other whether it still runs. When a thread ends, for whatever reason and before
 * JavaScript hears of it, C calls the destructor of each pthread key whose value the thread has set. Here the value is the address of a
 * number that starts as 0, and the destructor is `time` of the C library, which writes the time to an address.
 */
export interface ThreadMark {
  readonly key: bigint;
  /** The address of the number. */
  readonly ended: Pointer;
}

interface Threads {
  pthread_key_create(key: BigUint64Array, destructor: Pointer): number;
  pthread_key_delete(key: bigint): number;
  pthread_setspecific(key: bigint, value: Pointer | null): number;
}

let threads: Threads | undefined;

/** What there is of threads in this process; it is not in the C library itself on older systems. */
function pthreads(): Threads {
  if (threads) return threads;
  const library = koffi.load(null);
  threads = {
    pthread_key_create: library.func('pthread_key_create', 'int', ['void *', 'void *']),
    pthread_key_delete: library.func('pthread_key_delete', 'int', ['size_t']),
    pthread_setspecific: library.func('pthread_setspecific', 'int', ['size_t', 'void *']),
  };
  return threads;
}

const BYTES = 8;

/** @throws CredenceError E_ENGINE if the process has no key left: it has about a thousand */
export function newMark(): ThreadMark {
  const c = capi();
  const key = new BigUint64Array(1);
  if (pthreads().pthread_key_create(key, c.dlsym(null, cString('time'))) !== 0) {
    throw new CredenceError('E_ENGINE', 'too many contexts are lent: dispose of some');
  }
  const ended = c.malloc(BYTES);
  return { key: key[0]!, ended };
}

/** From now on the mark tells of the thread that calls this. */
export function carry({ key, ended }: ThreadMark): void {
  pthreads().pthread_setspecific(key, ended);
  capi().memcpy(ended, new BigUint64Array(1), BYTES); // after it is set, so that the mark of a thread that ends here says so
}

/** By the thread that carries it. */
export const drop = ({ key }: ThreadMark): void => void pthreads().pthread_setspecific(key, null);

/** Whether the thread that carried the mark last has ended. */
export function hasEnded({ ended }: ThreadMark): boolean {
  const value = new BigUint64Array(1);
  capi().memcpy(value, ended, BYTES);
  return value[0] !== 0n;
}

/** When no thread carries it any more. */
export function deleteMark({ key, ended }: ThreadMark): void {
  pthreads().pthread_key_delete(key);
  capi().free(ended);
}
