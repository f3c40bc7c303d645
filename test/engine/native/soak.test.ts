import assert from 'node:assert/strict';
import { runScript } from '../../child';
import { type Left, names } from './soakProgram';

/** One tensor lost in each of the ten thousand steps makes 40 MB. */
const MOST_BYTES = 20e6;
/** A young generation that grows, as Node 24's does, is no loss. */
const settings = { NODE_OPTIONS: '--max-semi-space-size=2' };

describe('engine: ten thousand steps leave nothing behind', () => {
  for (const name of names) {
    it(name, async () => {
      const program = `require('../test/engine/native/soakProgram').soak(${JSON.stringify(name)});`;
      const { code, stdout, stderr } = await runScript(program, settings);
      assert.equal(code, 0, stderr);
      const { tensors, memory, viewed, losses } = JSON.parse(stdout) as Left;
      assert.deepEqual(tensors, [0, 0, 0]);
      assert.ok(viewed <= 0, `${viewed} bytes are still shown`);
      assert.ok(memory < MOST_BYTES, `memory grew by ${(memory / 1e6).toFixed(1)} MB`);
      assert.ok(losses[1] < 0.5 * losses[0], `the steps do nothing: loss ${losses.join(' and then ')}`);
    });
  }
});
