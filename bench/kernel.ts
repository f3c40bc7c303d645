/** `node dist/bench/kernel.js [rounds]`: how long our kernel takes until it has run a first cell, beside stock tslab's. */
import path from 'node:path';
import { kernelCommand } from '../kernel/install';
import { KernelClient } from '../test/kernel/client';
import { median } from './statistics';

const tslab = path.join(path.dirname(require.resolve('tslab/package.json')), 'bin', 'tslab');
const commands = {
  credence: kernelCommand(),
  tslab: [process.execPath, tslab, 'kernel', '--config-path'],
};
type Name = keyof typeof commands;

/** Milliseconds from the start of the process to its answer to a cell, in an empty folder. */
async function start(name: Name): Promise<number> {
  const before = performance.now();
  const kernel = await KernelClient.start({ command: commands[name] });
  await kernel.execute('const x: number = 1');
  const took = performance.now() - before;
  await kernel.stop();
  return took;
}

async function main(rounds: number): Promise<void> {
  const times: Record<Name, number[]> = { credence: [], tslab: [] };
  // in turns, so that whatever else the machine does meets both
  for (let round = 0; round < rounds; round++) {
    for (const name of ['credence', 'tslab'] as const) times[name].push(await start(name));
  }
  const [ours, theirs] = [median(times.credence), median(times.tslab)];
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  process.stdout.write(
    `first cell after ${seconds(ours)}, stock tslab ${seconds(theirs)}: ${(ours / theirs).toFixed(2)} times (medians of ${rounds})\n`,
  );
  process.exit();
}

void main(Number(process.argv[2] ?? 9));
