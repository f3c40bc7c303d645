const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { reporters, Runner } = require('mocha');

/** How long the test process may take to end after its last test. */
const PATIENCE = 15_000;

/**
 * Mocha's usual report, and its counts as one line in test-output/summary.txt. The file is written only when all tests
 * have run: a test process that died leaves none. One of several that run side by side counts as a failure.
 */
module.exports = class SummaryReporter extends reporters.Spec {
  /**
   * @param {import('mocha').Runner} runner
   * @param {import('mocha').MochaOptions} options
   */
  constructor(runner, options) {
    runner.on(Runner.constants.EVENT_TEST_FAIL, (test, /** @type {{ file?: string }} */ { file }) => {
      // a file that could not be read, or whose process died: only the error knows which
      if (file !== undefined) test.title += `: ${path.relative(process.cwd(), file)}`;
    });
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes = 0, failures = 0, pending = 0 } = this.stats;
      const folder = path.resolve(__dirname, '..', 'test-output');
      mkdirSync(folder, { recursive: true });
      const skipped = pending > 0 ? `, ${pending} skipped` : '';
      writeFileSync(path.join(folder, 'summary.txt'), `${passes} passed, ${failures} failed${skipped}\n`);
      setTimeout(giveUp, PATIENCE).unref();
    });
  }
};

/** The timer does not keep the process alive; so if it fires, something else does: a leak, and a failure. */
function giveUp() {
  const alive = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(`All tests have run, but the process does not end. It is kept alive by: ${alive}\n`);
  process.exit(1);
}
