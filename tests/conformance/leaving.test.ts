import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { temporaryFolder } from "./transports.ts";

const LEAVER = join(PROJECT, "tests", "conformance", "fixtures", "leaver.ts");

test("a process whose sockets are closed ends by itself and leaves no file", async () => {
  const { folder, remove } = temporaryFolder();
  // Fails if it takes longer than the helper's patience.
  const args = [...CURRENT.args, LEAVER, join(folder, "socket")];
  const { code, stdout, stderr } = await run(CURRENT.command, args);
  assert.equal(stderr, "");
  assert.equal(stdout.toString(), "closed\n");
  assert.equal(code, 0);
  assert.deepEqual(readdirSync(folder), []);
  remove();
});
