import type { Host } from '../lib/host';
import type { Cells } from './cell';
import type { Comms } from './comm';
import type { Displays } from './display';
import type { Interrupts } from './interrupt';

/** What the kernel offers to the library. */
export const createHost = (cells: Cells, displays: Displays, comms: Comms, interrupts: Interrupts): Host => ({
  display: (bundle, id) => {
    if (cells.current) displays.show(cells.current, bundle, id);
  },
  update: (bundle, id) => displays.update(bundle, id),
  onInterrupt: (listener) => interrupts.listen(listener),
  onComm: (target, listener) => comms.register(target, listener),
});
