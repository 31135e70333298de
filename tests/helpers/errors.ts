/** What tests expect of errors. */

import assert from "node:assert/strict";
import { SPError, type SPErrorCode } from "../../src/base/errors.ts";

/** For `assert.throws` and `assert.rejects`: an `SPError` of this code whose message has all of these in it. */
export function spError(code: SPErrorCode, ...parts: readonly string[]): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof SPError, `expected an SPError, got ${String(error)}`);
    assert.equal(error.code, code, error.message);
    for (const part of parts) {
      assert.ok(error.message.includes(part), `"${error.message}" does not mention "${part}"`);
    }
    return true;
  };
}
