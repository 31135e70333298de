/** The examples of mounting, run as programs. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Req } from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";

const EXAMPLES = [
  ["mount_node_http.ts", true],
  ["mount_deno_serve.ts", "Deno" in globalThis],
  ["mount_bun_serve.ts", "Bun" in globalThis],
] as const;
for (const [file, isHere] of EXAMPLES) {
  if (!isHere) continue;
  test(`the example ${file} serves its page and its socket, and ends when it is told to`, async () => {
    const args = [...CURRENT.args, join(PROJECT, "examples", file)];
    await using child = start(CURRENT.command, args, { env: { PORT: "0" } });
    const line = await child.line(/ and ws:/);
    const [page = "", address = ""] = line.split(" and ");
    assert.equal(await (await fetch(page)).text(), "A page\n");
    await using req = new Req();
    req.connect(address);
    assert.equal(text(await req.request("hello")), "HELLO");
    await req.close();
    child.kill("SIGTERM");
    const { code, stderr } = await child.finished();
    assert.equal(stderr, "");
    assert.equal(code, 0);
  });
}
