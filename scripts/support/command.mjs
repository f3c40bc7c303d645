import { handleSignals } from './child.mjs';
import { Failure, Interrupted } from './failure.mjs';
import { createReport } from './report.mjs';

/**
 * Runs a command: prints failures as messages and sets the exit code.
 * @param {(report: import('./report.mjs').Report, args: string[]) => Promise<number>} main returns the exit code
 */
export async function command(main) {
  const report = createReport();
  handleSignals();
  try {
    process.exitCode = await main(report, process.argv.slice(2));
  } catch (error) {
    if (error instanceof Interrupted) {
      report.line('Interrupted. The same command carries on from here.');
      process.exitCode = error.exitCode;
    } else if (error instanceof Failure) {
      report.failure(error);
      process.exitCode = 1;
    } else {
      throw error;
    }
  }
}
