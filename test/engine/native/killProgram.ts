/** Borrowers that are ended in the middle of their work, in a process of its own, where nothing else takes memory or threads. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { Context } from '../../../lib/engine/native/context';
import { busy } from './borrowers';
import type { Role } from './borrowWorker';

/** What they leave behind. */
export interface Left {
  /** The most that any of them left to be freed, and what there was when the next one had given the context back. */
  tensors: [most: number, last: number];
  /** Threads and bytes that the process has got since the first few of them. */
  threads: number;
  memory: number;
}

const WARM_UP = 5;

/** The threads of this process; the same number always where the system does not tell. */
function threads(): number {
  if (process.platform !== 'linux') return 0;
  return Number(/^Threads:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))![1]);
}

const count = (): { threads: number; memory: number } => ({
  threads: threads(),
  memory: process.memoryUsage.rss(),
});

/** Prints what so many of them leave behind. */
export async function kill(times: number, role: Role): Promise<void> {
  const context = new Context();
  const lent = context.lend();
  let most = 0;
  let before = count();
  for (let i = -WARM_UP; i < times; i++) {
    if (i === 0) before = count();
    const worker = await busy({ lent, role });
    await wait((5 * (i + WARM_UP)) % 37); // be somewhere else each time
    await worker.terminate();
    most = Math.max(most, context.liveTensors);
  }
  Context.borrow(lent).dispose();
  const after = count();
  const left: Left = {
    tensors: [most, context.liveTensors],
    threads: after.threads - before.threads,
    memory: after.memory - before.memory,
  };
  process.stdout.write(JSON.stringify(left));
  context.dispose();
}
