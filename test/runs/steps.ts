import type { Run } from '../../lib/runs/run';

/** Waits until a run has done so many steps. */
export async function steps(run: Run, count: number): Promise<void> {
  while (run.active && run.step < count) {
    await new Promise<void>((resolve) => {
      const stop = run.onChange(() => {
        stop();
        resolve();
      });
    });
  }
}
