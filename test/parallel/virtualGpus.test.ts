import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { packageRoot } from '../../lib/environment';

/** What holds on the processor, to be shown again where weights and gradients travel from device to device. */
const files: readonly { file: string; but?: string }[] = [
  { file: 'parallel/mesh' },
  { file: 'runs/workerDeath', but: 'a hundred' }, // which takes minutes
  { file: 'cluster/pool' },
];

/** Fewer than some meshes have workers. */
const GPUS = 3;

describe('parallel: on virtual GPUs', () => {
  for (const { file, but } of files) {
    it(`all that ${file}.test shows`, function () {
      this.timeout(600_000);
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [
          path.join(packageRoot, 'node_modules', 'mocha', 'bin', 'mocha.js'),
          path.join(__dirname, '..', `${file}.test.js`),
          ...(but ? ['--invert', '--fgrep', but] : []),
        ],
        {
          cwd: packageRoot,
          env: { ...process.env, CREDENCE_VIRTUAL_GPUS: String(GPUS) },
          encoding: 'utf8',
        },
      );
      assert.equal(status, 0, `${stdout.slice(stdout.indexOf(' passing'))}${stderr}`);
    });
  }
});
