import path from 'node:path';
import { packageRoot } from '../lib/environment';
import type { Scripts } from './scripts';

const location = /^(.*?\(?)([^\s()]+):(\d+):(\d+)(\)?)$/;
const kernelFolder = `${__dirname}${path.sep}`;
const libraryFolder = `${packageRoot}${path.sep}dist${path.sep}lib${path.sep}`;
const machinery = /^node:|[\\/]tslab[\\/]dist[\\/]/;

/**
 * Makes the stacks of all errors read as the person wrote the code: at the lines of the cells, without the frames of
 * Node, tslab and the kernel. A stack that touches no cell stays whole: it tells of a fault elsewhere.
 */
export function readableStacks(scripts: Scripts): void {
  // much of what is found on the way to the cell is left out
  Error.stackTraceLimit = 30;
  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map(String);
    const touched = frames.some((frame) => scripts.has(location.exec(frame)?.[2] ?? ''));
    const shown = touched ? frames.flatMap((frame) => clean(frame, scripts, error)) : frames;
    return [title(error), ...shown.map((frame) => `    at ${frame}`)].join('\n');
  };
}

/** One frame as the person should see it, if at all. */
function clean(frame: string, scripts: Scripts, error: Error): string[] {
  const [, before = '', file, line, column, after = ''] = location.exec(frame) ?? [];
  if (file === undefined) return [frame];
  if (scripts.has(file)) {
    const place = scripts.locate(file, Number(line), Number(column));
    if (!place) return [];
    // cells call each other's functions through tslab's proxy of all exports
    const caller = before.replace(/^(async )?Proxy\./, '$1');
    return [`${caller}${place.file}:${place.line}:${place.column}${after}`];
  }
  if (machinery.test(file) || file.startsWith(kernelFolder)) return [];
  // the library's own errors are about what the person wrote, not about its inside
  return error.name === 'CredenceError' && file.startsWith(libraryFolder) ? [] : [frame];
}

/** The first line of a stack, as V8 writes it. */
function title(error: Error): string {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}
