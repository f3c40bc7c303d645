import { constants } from 'node:os';
import koffi from 'koffi';

// libuv's own numbers, which stay the same as long as it is version 1
const UV_SIGNAL = 16;
const UV_RUN_NOWAIT = 2;

type Call<A extends unknown[]> = (...args: A) => number;

/** What is used of libuv, on which Node builds its event loops and its signals. */
function libuv() {
  const node = koffi.load(null);
  const p = 'void *';
  return {
    loopSize: node.func('uv_loop_size', 'size_t', []) as Call<[]>,
    handleSize: node.func('uv_handle_size', 'size_t', ['int']) as Call<[type: number]>,
    initLoop: node.func('uv_loop_init', 'int', [p]) as Call<[loop: unknown]>,
    initSignal: node.func('uv_signal_init', 'int', [p, p]) as Call<[loop: unknown, handle: unknown]>,
    startSignal: node.func('uv_signal_start', 'int', [p, p, 'int']) as Call<
      [handle: unknown, listener: unknown, signal: number]
    >,
    run: node.func('uv_run', 'int', [p, 'int']) as Call<[loop: unknown, mode: number]>,
  };
}

const never = (): boolean => false;

/**
 * What tells whether there was a SIGINT since it was asked last, on whichever thread asks. Node tells of signals on the main thread only,
 * but libuv tells every event loop that wants to know: this is one for nothing else, which goes on when it is asked. Where Node does not
 * show libuv's functions, there never was one.
 */
export function interruptSignals(): () => boolean {
  let uv: ReturnType<typeof libuv>;
  try {
    uv = libuv();
  } catch {
    return never;
  }
  let heard = false;
  // none of these is ever freed: a signal may come until the process ends
  const loop: unknown = koffi.alloc('char', uv.loopSize());
  const handle: unknown = koffi.alloc('char', uv.handleSize(UV_SIGNAL));
  const listener: unknown = koffi.register(
    () => (heard = true),
    koffi.pointer(koffi.proto('void (void *handle, int signal)')),
  );
  if (uv.initLoop(loop) !== 0 || uv.initSignal(loop, handle) !== 0) return never;
  if (uv.startSignal(handle, listener, constants.signals.SIGINT) !== 0) return never;
  return () => {
    heard = false;
    uv.run(loop, UV_RUN_NOWAIT);
    return heard;
  };
}
