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

function capture(name: StreamName, cells: Cells, iopub: IOPub): void {
  const stream = process[name];
  const log = stream.write.bind(stream);
  const decoder = new StringDecoder('utf8');

  function write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    const cell = cells.current;
    if (!cell) return log(chunk);
    iopub.print(cell, name, typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)));
    const done = rest.find((argument) => typeof argument === 'function');
    if (done) process.nextTick(done);
    return true;
  }
  stream.write = write;
}
