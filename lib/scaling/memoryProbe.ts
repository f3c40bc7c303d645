/** A process that trains on zeros, and tells how much memory that took. See `memoryOf`. */
import { readFileSync } from 'node:fs';
import { Context } from '../engine/native/context';
import { ndarray, sizeOf } from '../ndarray';
import { makeBoard, withStatistics } from '../parallel/board';
import { Control } from '../parallel/control';
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
  const { plans, shares, shapes, lengths, uniforms, exchange, statistics } = probe;
  new Context().dispose(); // TensorFlow itself is not what is measured
  const before = bytesOf('VmRSS');
  const y = sizeOf(shapes.y);
  const board = makeBoard({
    program: {
      vectors: lengths.map((length) => ({ length, initial: () => new Float32Array(length) })),
      slots: probe.slots,
      streams: probe.streams,
    },
    data: {
      x: ndarray(new Float32Array(sizeOf(shapes.x)), shapes.x),
      y: shapes.yType === 'int32' ? new Int32Array(y) : new Float32Array(y),
    },
    shapes,
    shares,
    seed: 0,
    uniforms,
    exchange,
    alone: plans[0]!.kind === 'whole',
    from: undefined,
  });
  const launch = { board: withStatistics(board, shares, statistics), plans, shares, steps: STEPS };
  await untilItEnds(launch, new Control(board.control), { metrics: () => undefined, saved: () => undefined });
  const most = bytesOf('VmHWM');
  return before === null || most === null ? null : most - before;
}

process.once('message', (probe: Probe) => {
  void measure(probe).then((answer) => process.send!(answer, () => process.exit()));
});
