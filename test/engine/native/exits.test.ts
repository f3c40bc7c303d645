import assert from 'node:assert/strict';
import { runScript } from '../../child';
import { scenarios } from './exitProgram';

const REPEATS = 4;
const TOGETHER = 2; // a busy machine finds other moments to end in than an idle one

describe('engine: a process with TensorFlow in several threads ends as it should', () => {
  it('is tried 56 times', () => {
    assert.equal(Object.keys(scenarios).length * REPEATS, 56);
  });

  for (const [name, { code }] of Object.entries(scenarios)) {
    it(`when ${name}`, async () => {
      const program = `require('../test/engine/native/exitProgram').end(${JSON.stringify(name)});`;
      for (let done = 0; done < REPEATS; done += TOGETHER) {
        const ends = await Promise.all(Array.from({ length: TOGETHER }, () => runScript(program)));
        for (const end of ends) {
          assert.deepEqual([end.code, end.signal], [code, null], end.stderr);
          if (code === 0) assert.equal(end.stderr, '');
        }
      }
    });
  }
});
