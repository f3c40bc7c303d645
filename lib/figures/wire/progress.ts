/** How the progress of a run is told in words: the same in the notebook's header, in pictures and in plain text. */
import { readable } from '../numbers';
import { english, type Texts } from './texts';
import type { Progress, RunState } from './messages';

/** The states in which a run still does something, or can be made to. */
export const isActive = (state: RunState): boolean =>
  state === 'starting' || state === 'running' || state === 'paused' || state === 'stopping';

export const stateLabels: Readonly<Record<RunState, string>> = {
  starting: 'Starting',
  running: 'Running',
  paused: 'Paused',
  stopping: 'Stopping',
  done: 'Done',
  stopped: 'Stopped',
  failed: 'Failed',
  interrupted: 'Interrupted',
};

/** The share of the steps that is done, from 0 to 1. */
export const doneShare = ({ step, steps }: Progress): number =>
  steps > 0 ? Math.min(1, Math.max(0, step / steps)) : 0;

/** A duration in seconds to be read: '6 s', '1 min 20 s', '2 h 5 min'. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} s` : `${whole} s`;
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return rest > 0 ? `${minutes} min ${rest} s` : `${minutes} min`;
}

/** The facts of a run in the order they are shown: step, epoch, rate, time, workers and samples. */
export function facts(progress: Progress, { t, tn }: Texts = english): string[] {
  const { state, step, steps, epoch, epochs, elapsed, eta, stepsPerSecond, workers, samples } = progress;
  return [
    t('step %1 / %2', step, steps),
    t('epoch %1 / %2', epoch, epochs),
    ...(stepsPerSecond === null ? [] : [t('%1 steps/s', readable(stepsPerSecond))]),
    t('%1 elapsed', duration(elapsed)),
    ...(eta === null || !isActive(state) ? [] : [t('%1 left', duration(eta))]),
    tn('%1 worker', '%1 workers', workers),
    tn('%1 weight sample', '%1 weight samples', samples),
  ];
}

/** A metric, or a dash where its value is not finite. */
export const metric = (value: number | null): string => readable(value ?? NaN, 4);

/** The progress in plain text: its state and facts, its metrics, its message. */
export function progressLines(progress: Progress): string[] {
  const metrics = Object.entries(progress.metrics).map(([name, value]) => `${name} ${metric(value)}`);
  return [
    `${stateLabels[progress.state]}: ${facts(progress).join(', ')}`,
    ...(metrics.length > 0 ? [metrics.join(', ')] : []),
    ...(progress.message === null ? [] : [progress.message]),
  ];
}

/** The same in one line. */
export const progressLine = (progress: Progress): string => `${progressLines(progress).join('; ')}.`;
