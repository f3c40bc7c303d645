import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { exceptions } from './exceptions';

/** tfjs-core 4.22 has 4,225 specs for a backend in Node. Fewer than this, and the suite was not loaded as it should be. */
const AT_LEAST = 4200;

describe("conformance: tfjs's own test suite", () => {
  it('passes, but for the exceptions', async function () {
    const child = spawn(process.execPath, [path.join(__dirname, 'suite.js')], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 110_000,
    });
    const closed = once(child, 'close') as Promise<[number | null]>;
    const [[code], output] = await Promise.all([closed, text(child.stdout)]);
    const [, passed, failed] = /(\d+) passed, (\d+) failed\n$/.exec(output) ?? [];
    assert.equal(failed, '0', output);
    assert.ok(Number(passed) >= AT_LEAST, `only ${passed} specs ran`);
    assert.equal(code, 0);
  });

  it('has few exceptions, each with a reason', () => {
    assert.ok(exceptions.length <= 5);
    for (const { name, reason } of exceptions) {
      assert.match(name, / test-tensorflow \{\} \S/); // one spec, not a group
      assert.ok(reason.length > 20);
    }
  });
});
