import assert from 'node:assert/strict';
import type { CredenceError, CredenceErrorCode } from '../lib/errors';

/** Asserts that a call ends with a CredenceError of this code, whose message says this. */
export const refuses = (call: () => unknown, code: CredenceErrorCode, says: RegExp): void =>
  assert.throws(
    call,
    (error: CredenceError) => {
      assert.equal(error.name, 'CredenceError');
      assert.equal(error.code, code, error.message);
      assert.match(error.message, says);
      return true;
    },
    String(call),
  );
