/** A process that trains on zeros, and tells how much memory that took. See `memoryOf`. */
import { readFileSync } from 'node:fs';
import { Context } from '../engine/native/context';
import { sizeOf } from '../ndarray';
import { makeBoard, withStatistics } from '../parallel/memory/board';
import { Control } from '../parallel/memory/control';
import { stateLengths } from '../parallel/plan/state';
import { untilItEnds } from '../parallel/train';
import type { Probe, ProbeAnswer } from './memory';

/** As many as are made by one call at most, and some more. */
const STEPS = 20;

/** Bytes that this process holds, or the most that it has held. */
function bytesOf(name: 'VmRSS' | 'VmHWM'): number | null {
  try {
    const status = readFileSync('/proc/self/status', 'latin1');
    return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)![1]);
  } catch {
    return null;
  }
}

async function measure(probe: Probe): Promise<ProbeAnswer> {
  const { board: spec, plans, shares, statistics } = probe;
  const { shapes, lengths, slots } = spec;
  new Context().dispose(); // TensorFlow itself is not what is measured
  const before = bytesOf('VmRSS');
  const zeros = (each: readonly number[]): Float32Array[] => each.map((length) => new Float32Array(length));
  const y = sizeOf(shapes.y);
  const start = {
    step: 0,
    vectors: zeros(lengths),
    slots: zeros(stateLengths(lengths, slots)).slice(lengths.length),
    kept: [],
  };
  const data = {
    x: new Float32Array(sizeOf(shapes.x)),
    y: shapes.yType === 'int32' ? new Int32Array(y) : new Float32Array(y),
  };
  const board = withStatistics(makeBoard({ ...spec, data, start }, shares.length), statistics, 1);
  const launched = { board, plans, shares, steps: STEPS };
  await untilItEnds(launched, new Control(board.control), {
    metrics: () => undefined,
    saved: () => undefined,
  });
  const most = bytesOf('VmHWM');
  return before === null || most === null ? null : most - before;
}

process.once('message', (probe: Probe) => {
  void measure(probe).then((answer) => process.send!(answer, () => process.exit()));
});
