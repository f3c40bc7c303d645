import { StringDecoder } from 'node:string_decoder';
import type { Cells } from './cell';
import type { StreamName } from './channel';
import type { IOPub } from './iopub';

/**
 * Sends what cells, and the worker threads they start, print with `console` or `process.stdout` to the notebook. Before
 * the first cell it goes to the server's log, as ever.
 */
export function captureStreams(cells: Cells, iopub: IOPub): void {
  for (const name of ['stdout', 'stderr'] as const) capture(name, cells, iopub);
}

type Callback = () => void;

/**
 * Calls back in the next tick, as often as it was asked to. `console` hands in the same function with each line, and
 * a tick for each would fill the memory while a cell prints in a loop.
 */
function createLater(): (callback: Callback) => void {
  const waiting = new Map<Callback, number>();
  const call = (): void => {
    const due = [...waiting];
    waiting.clear();
    for (const [callback, times] of due) for (let i = 0; i < times; i++) callback();
  };
  return (callback) => {
    if (waiting.size === 0) process.nextTick(call);
    waiting.set(callback, (waiting.get(callback) ?? 0) + 1);
  };
}

function capture(name: StreamName, cells: Cells, iopub: IOPub): void {
  const stream = process[name];
  const log = stream.write.bind(stream);
  const decoder = new StringDecoder('utf8');
  const later = createLater();

  function write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    const cell = cells.current;
    if (!cell) return log(chunk);
    iopub.print(cell, name, typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)));
    const done = rest.find((argument): argument is Callback => typeof argument === 'function');
    if (done) later(done);
    return true;
  }
  stream.write = write;
}
