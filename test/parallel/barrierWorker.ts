/** A worker thread that does nothing but meet the others at barriers. */
import { parentPort, workerData } from 'node:worker_threads';
import { Control, Decision, PeerDied } from '../../lib/parallel/memory/control';

export interface BarrierWork {
  control: SharedArrayBuffer;
  workers: number;
  steps: number;
  /** How many have come to any barrier so far, counted by the workers themselves. */
  arrivals: Int32Array;
}

/** How a worker ended. */
export interface BarrierResult {
  /** Barriers passed. */
  steps: number;
  /** Barriers passed before everybody was there. */
  early: number;
  /** Barriers after which a copy of the state was to be made. */
  saves: number;
  /** Whether it was freed because another one had died. */
  freed: boolean;
}

const { control: buffer, workers, steps, arrivals } = workerData as BarrierWork;
const control = new Control(buffer, workers);
const result: BarrierResult = { steps: 0, early: 0, saves: 0, freed: false };
parentPort!.postMessage('ready');
try {
  while (result.steps < steps) {
    Atomics.add(arrivals, 0, 1);
    const { decision, save } = control.agree();
    result.steps++;
    if (save) result.saves++;
    if (Atomics.load(arrivals, 0) < workers * result.steps) result.early++;
    if (decision === Decision.pause) control.waitWhilePaused();
    if (decision === Decision.stop) break;
  }
} catch (error) {
  result.freed = error instanceof PeerDied;
}
parentPort!.postMessage(result);
