/** Every runtime adapter that this runtime can load, held to one behaviour: that of `src/contracts/connection.ts`. */

import assert from "node:assert/strict";
import { describe, test } from "../helpers/flat.ts";
import { isBun } from "../../transports/runtime/bun/bun.ts";
import { isDeno } from "../../transports/runtime/deno/deno.ts";
import { defaultRuntime } from "../../transports/runtime/default.ts";
import { spError } from "../helpers/errors.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { ELSEWHERE, HERE } from "./adapters.ts";
import { checkConnecting } from "./checks/connecting.ts";
import { checkEnding } from "./checks/ending.ts";
import { checkListening } from "./checks/listening.ts";
import { checkReading } from "./checks/reading.ts";
import { checkWriting } from "./checks/writing.ts";
import { options, tcp } from "./stage.ts";

for (const runtime of HERE) {
  describe(`the ${runtime.name} adapter`, () => {
    checkConnecting(runtime);
    checkListening(runtime);
    checkReading(runtime);
    checkWriting(runtime);
    checkEnding(runtime);
  });
}

test("each native adapter knows its own runtime", () => {
  assert.equal(isDeno, CURRENT.name === "deno");
  assert.equal(isBun, CURRENT.name === "bun");
});

for (const runtime of ELSEWHERE) {
  test(`the ${runtime.name} adapter refuses this runtime, and says which it wants`, async () => {
    const nobody = { connection: () => {}, failed: () => {} };
    const wanted = spError("ENOTSUP", `expected ${runtime.name === "deno" ? "Deno" : "Bun"}`);
    await assert.rejects(runtime.connect(tcp("127.0.0.1", 1), options()), wanted);
    await assert.rejects(runtime.connect(tcp("127.0.0.1", 1, "127.0.0.2"), options()), wanted);
    await assert.rejects(runtime.listen(tcp("127.0.0.1", 0), options(), nobody), wanted);
  });
}

test("the default is the runtime's own adapter", () => {
  assert.equal(defaultRuntime().name, CURRENT.name);
});
