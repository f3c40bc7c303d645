import assert from 'node:assert/strict';
import type { CredenceError, CredenceErrorCode } from '../../lib/errors';

/** Asserts that what was begun ends with a CredenceError of this code, whose message says all of this. */
export const rejects = (
  call: Promise<unknown>,
  code: CredenceErrorCode,
  ...says: (string | RegExp)[]
): Promise<void> =>
  assert.rejects(call, (error: CredenceError) => {
    assert.equal(error.name, 'CredenceError', String(error));
    assert.equal(error.code, code, error.message);
    for (const each of says) {
      if (typeof each === 'string') assert.ok(error.message.includes(each), `${each} in: ${error.message}`);
      else assert.match(error.message, each);
    }
    return true;
  });
