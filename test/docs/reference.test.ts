import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../lib/environment';

const run = promisify(execFile);

describe('the reference', () => {
  it('documents the whole public interface, and refers to nothing that is not there', async () => {
    const typedoc = path.join(packageRoot, 'node_modules', 'typedoc', 'bin', 'typedoc');
    const { stdout, stderr } = await run(process.execPath, [typedoc, '--emit', 'none'], { cwd: packageRoot });
    assert.equal(stdout + stderr, '');
  });
});
