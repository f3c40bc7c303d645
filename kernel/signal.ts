import { constants } from 'node:os';

interface Signal {
  onsignal: () => void;
  start(signal: number): number;
}

type Binding = (name: 'signal_wrap') => { Signal: new () => Signal };

/**
 * Calls back at each SIGINT on the thread that asks, so that a signal is heard while the main thread loops. Node
 * offers signals to the main thread only; what it builds them on serves every thread. Where a later Node takes that
 * away, a signal ends what awaits, and loops are ended by message as ever.
 */
export function onInterruptSignal(listener: () => void): void {
  const { binding } = process as unknown as { binding?: Binding };
  if (!binding) return;
  // the warning that this is no public interface would stand in the server's log at every start
  process.noDeprecation = true;
  const signal = new (binding('signal_wrap').Signal)();
  signal.onsignal = listener;
  signal.start(constants.signals.SIGINT);
}
