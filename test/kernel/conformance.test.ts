import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { packageRoot, pythonExecutable } from '../../lib/environment';
import { install } from '../../kernel/install';
import { temporaryFolder } from './client';

const program = path.join(packageRoot, 'test', 'kernel', 'kernel_test.py');

/** Tests of jupyter_kernel_test that do not apply, and why. */
const inapplicable: Record<string, string> = {
  test_pager: 'payloads are deprecated by the protocol and not sent',
};

describe("the Jupyter project's test of kernels", () => {
  it('passes', function () {
    const prefix = temporaryFolder();
    install({ kind: 'prefix', prefix }, 'credence');
    const { stderr, status } = spawnSync(pythonExecutable(), [program], {
      encoding: 'utf8',
      cwd: prefix,
      env: { ...process.env, JUPYTER_PATH: path.join(prefix, 'share', 'jupyter') },
      timeout: 120_000,
    });
    if (stderr.includes("No module named 'jupyter_kernel_test'")) {
      process.stdout.write('      skipped: jupyter_kernel_test is not installed\n');
      this.skip();
    }
    assert.equal(status, 0, stderr);
    // unittest prints: test_name (class) ... ok | skipped 'reason'
    const results = [...stderr.matchAll(/^(test_\w+) .*\.\.\. (ok|skipped.*)$/gm)].map(
      ([, name, result]) => ({
        name: name!,
        passed: result === 'ok',
      }),
    );
    assert.ok(results.length >= 13, stderr);
    const skipped = results.filter(({ passed }) => !passed).map(({ name }) => name);
    assert.deepEqual(skipped, Object.keys(inapplicable));
  });
});
