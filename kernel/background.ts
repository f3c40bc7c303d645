import { writeSync } from 'node:fs';
import type { Cells } from './cell';
import type { IOPub } from './iopub';
import type { Scripts } from './scripts';
import { formatError } from './traceback';

/**
 * Shows errors that nobody caught (a rejected promise, a throwing timer) below the cell that started the work. They
 * never end the kernel, whose notebook state is worth more.
 */
export function showBackgroundErrors(cells: Cells, iopub: IOPub, scripts: Scripts): void {
  const show = (error: unknown): void => {
    const content = formatError(error, scripts);
    const cell = cells.originOf(error);
    if (cell && !cell.silent) iopub.publish(cell, 'error', content);
    else writeSync(2, `credence kernel: ${content.traceback.join('\n')}\n`);
  };
  process.on('uncaughtException', show);
  process.on('unhandledRejection', show);
}
