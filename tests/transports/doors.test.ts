/** The doors of SP and ZMTP share their transports: whichever is loaded first, and whatever the user registers in between. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const MAIN = ["mod.ts", "zmtp/mod.ts"];
const DOORS = [...MAIN, "browser.ts", "zmtp/browser.ts"];
const PAIRS = DOORS.flatMap((first) =>
  DOORS.filter((other) => other !== first).map((second) => [first, second] as const)
);

async function served(...args: string[]): Promise<string> {
  const file = join(import.meta.dirname!, "workers", "doors.ts");
  const { stdout, stderr } = await run(CURRENT.command, [...CURRENT.args, file, ...args]);
  assert.equal(stderr, "");
  return stdout.toString().trim();
}

for (const [first, second] of PAIRS) {
  test(`${second}, loaded after ${first}, leaves the user's own transports as they are`, async () => {
    const ws = MAIN.includes(first) || MAIN.includes(second)
      ? "WebSocketTransport"
      : "PageWebSocketTransport";
    assert.equal(await served(first, second), `InprocTransport ${ws} ${ws}`);
    assert.equal(await served(first, second, "registers"), `Mine Mine ${ws}`);
  });
}
