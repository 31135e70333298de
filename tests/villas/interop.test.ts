/** The nanomsg node next to the real nanomsg and nng, which is what a VILLASnode runs on. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { freePort } from "../conformance/transports.ts";
import { NANOCAT, NNGCAT } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { PRINT, run } from "./gateways.ts";

for (const scheme of ["tcp", "ws"]) {
  test(
    `nanomsg's subscriber gets over ${scheme} what the node sends`,
    { skip: NANOCAT.skip },
    async () => {
      const { host, port } = await freePort();
      const address = `${scheme}://${host}:${port}`;
      await using running = await run({
        nodes: {
          aa: { type: "loopback", signals: "1f" },
          lab: { type: "nanomsg", format: "villas.human", out: { endpoints: address, peers: 1 } },
        },
        paths: [{ in: "aa", out: "lab" }],
      });
      await using cat = start(NANOCAT.command, ["--sub", "--connect", address, "--raw"]);
      const fed = running.feed("aa", "1f", [1.5], { sequence: 7n, origin: [1_700_000_000, 5] });
      await cat.line(/^1700000000\.000000005\(7\)\t1\.50000000000000000$/);
      await fed;
    },
  );

  test(
    `the node reads over ${scheme} what nanomsg's publisher sends`,
    { skip: NANOCAT.skip },
    async () => {
      const { host, port } = await freePort();
      const address = `${scheme}://${host}:${port}`;
      const message = '[{"ts": {"origin": [1700000000, 5]}, "sequence": 3, "data": [1.5, -2.0]}]';
      await using _cat = start(NANOCAT.command, [
        ...["--pub", "--bind", address, "--data", message, "--interval", "0.05"],
      ]);
      await using running = await run({
        nodes: {
          lab: { type: "nanomsg", in: { endpoints: address, signals: "2f", hooks: [PRINT] } },
        },
        paths: [{ in: "lab" }],
      });
      await running.until(() => running.printed.length > 0);
      assert.deepEqual(running.printed, ["(3)\t1.5\t-2.0"]);
    },
  );
}

test("nng's subscriber gets what the node sends", { skip: NNGCAT.skip }, async () => {
  const { host, port } = await freePort();
  const address = `tcp://${host}:${port}`;
  await using running = await run({
    nodes: {
      aa: { type: "loopback", signals: "1f" },
      lab: { type: "nanomsg", format: "csv", out: { endpoints: address, peers: 1 } },
    },
    paths: [{ in: "aa", out: "lab" }],
  });
  await using cat = start(NNGCAT.command, ["--sub", "--dial", address, "--raw"]);
  const more = { sequence: 7n, origin: [1_700_000_000, 5], received: [1_700_000_000, 5] } as const;
  const fed = running.feed("aa", "1f", [1.5], more);
  await cat.line(/^1700000000,000000005,0\.000000000,7,1\.50000000000000000$/);
  await fed;
});
