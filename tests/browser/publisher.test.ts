/** The dashboard's publisher, where it cannot start: one line says why. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { type Finished, run } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";

function publisher(...args: string[]): Promise<Finished> {
  const file = join(PROJECT, "examples", "browser", "publisher.ts");
  return run(CURRENT.command, [...CURRENT.args, file, ...args], { env: { NO_COLOR: "1" } });
}

test("a port that is in use is named, and what to do", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const { code, stdout, stderr } = await publisher("--port", String(port));
  server.close();
  assert.equal(
    stderr,
    `Cannot serve the page at http://127.0.0.1:${port}/: the port is in use; --port takes another, and 0 any that is free\n`,
  );
  assert.deepEqual([code, stdout.toString()], [1, ""]);
});

test("an option that is unknown or wrong is told in a line", async () => {
  for (
    const [args, wanted] of [
      [["--port", "eighty"], /^Invalid --port "eighty": expected 0 to 65535\n$/],
      [["--interval", "0"], /^Invalid --interval "0": expected milliseconds, 10 or more\n$/],
      [["--nonsense"], /^Unknown option '--nonsense'.*\n$/],
    ] as const
  ) {
    const { code, stderr } = await publisher(...args);
    assert.match(stderr, wanted);
    assert.equal(code, 1);
  }
});
