import { setHost } from '../lib/host';
import { showBackgroundErrors } from './background';
import { Cells } from './cell';
import { Comms } from './comm';
import { Displays } from './display';
import { Executions } from './execute';
import { createGlobals, globalDeclarations } from './globals';
import { History } from './history';
import { createHost } from './host';
import { kernelInfo } from './info';
import { Inputs } from './input';
import { Interrupts } from './interrupt';
import { IOPub } from './iopub';
import type { Link } from './link';
import { loadOwnPackage, readModernDeclarations, resolveOwnPackage } from './resolve';
import { Server } from './server';
import { Session } from './session';
import { readableStacks } from './stack';
import { captureStreams } from './streams';
import { onTslabDisplay } from './tslab';

/** Puts the kernel together and begins to answer. */
export function startKernel(link: Link): void {
  const folder = process.cwd();
  resolveOwnPackage(folder);
  readModernDeclarations();

  const cells = new Cells();
  const iopub = new IOPub(link);
  const inputs = new Inputs(link);
  const displays = new Displays(cells, iopub);
  const comms = new Comms(iopub, (target) => loadOwnPackage(folder, target));
  const history = new History();
  const globals = createGlobals(cells, displays, inputs);
  const session = new Session(folder, link.flags, globalDeclarations, globals);
  const interrupts = new Interrupts(session, link.flags);
  const executions = new Executions({ link, iopub, cells, session, displays, interrupts, history });
  const server = new Server({ link, iopub, cells, session, executions, comms, history, inputs });

  setHost(createHost(cells, displays, comms, interrupts));
  onTslabDisplay((display, update) => {
    const type = update ? 'update_display_data' : 'display_data';
    if (cells.current) iopub.publish(cells.current, type, display);
  });
  readableStacks(session.scripts);
  captureStreams(cells, iopub);
  showBackgroundErrors(cells, iopub, session.scripts);
  const interrupt = () => interrupts.interrupt();
  // heard by the transport thread, too, which ends loops; see watchdog.ts
  process.on('SIGINT', interrupt);

  link.listen(kernelInfo, (channel, message) => server.handle(channel, message), interrupt);
}
