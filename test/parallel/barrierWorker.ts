/** A worker thread that does nothing but meet the others at barriers. */
import { parentPort, workerData } from 'node:worker_threads';
import { CredenceError } from '../../lib/errors';
import { Control, Decision } from '../../lib/parallel/control';

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
  finalCopy: boolean;
  error: string | undefined;
}

const { control: buffer, workers, steps, arrivals } = workerData as BarrierWork;
const control = new Control(buffer, workers);
const result: BarrierResult = { steps: 0, early: 0, finalCopy: false, error: undefined };
parentPort!.postMessage('ready');
try {
  while (result.steps < steps) {
    Atomics.add(arrivals, 0, 1);
    control.barrier();
    result.steps++;
    if (Atomics.load(arrivals, 0) < workers * result.steps) result.early++;
    if (control.decision === Decision.pause) control.waitWhilePaused();
    if (control.decision === Decision.stop) break;
  }
} catch (error) {
  result.error = (error as CredenceError).code;
}
result.finalCopy = control.claimFinalCopy();
parentPort!.postMessage(result);
