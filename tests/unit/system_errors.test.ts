/** Errors of operating systems and runtimes, as errors of this library. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SPErrorCode } from "../../src/base/errors.ts";
import { systemError } from "../../transports/system_errors.ts";
import { spError } from "../helpers/errors.ts";

function thrown(code: string): Error {
  return Object.assign(new Error("as the runtime says it"), { code });
}

const KEPT: readonly (readonly [SPErrorCode, string])[] = [
  ["EACCES", "permission denied"],
  ["EADDRINUSE", "the address is in use"],
  ["EMFILE", "this process has too many files open"],
  ["ENFILE", "this machine has too many files open"],
  ["ENOMEM", "no memory is left"],
  ["ENOSPC", "no space is left on the disk"],
];
for (const [code, reason] of KEPT) {
  test(`${code} keeps its name, and is explained`, () => {
    const error = systemError("Cannot do it", thrown(code));
    spError(code, `Cannot do it: ${reason} (${code})`)(error);
    assert.equal((error.cause as Error).message, "as the runtime says it");
  });
}

test("what only some systems tell has the name of what it comes to, and says its own", () => {
  for (
    const [code, name] of [
      ["EPERM", "EACCES"],
      ["EPIPE", "ECONNRESET"],
      ["ECONNABORTED", "ECONNRESET"],
      ["ENOTCONN", "ECONNRESET"],
    ] as const
  ) spError(name, `(${code})`)(systemError("Cannot do it", thrown(code)));
});

test("what Deno does not permit is EACCES", () => {
  class NotCapable extends Error {
    override readonly name = "NotCapable";
  }
  spError("EACCES", "permission denied (EACCES)")(
    systemError("Cannot do it", new NotCapable("no")),
  );
});

test("anything else is EIO, with what the runtime says", () => {
  spError("EIO", "as the runtime says it (EWHAT)")(systemError("Cannot do it", thrown("EWHAT")));
});
