/** A peer's process that is killed and started again. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Push } from "../../mod.ts";
import { start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { attached, watch } from "./stage.ts";
import { freePort, freshAddress } from "./transports.ts";

const PULLER = join(PROJECT, "tests", "conformance", "fixtures", "puller.ts");

for (const scheme of ["tcp", "ipc"] as const) {
  test(`a dialer over ${scheme} finds a peer again that was killed and started again`, async () => {
    await using place = freshAddress(scheme);
    const { host, port } = await freePort();
    const address = scheme === "ipc" ? place.address : `tcp://${host}:${port}`;
    await using push = new Push({ reconnectMin: 5, reconnectMax: 50 });
    const log = watch(push);
    push.connect(address);
    {
      await using first = start(CURRENT.command, [...CURRENT.args, PULLER, address]);
      await attached(push);
      await push.send("before");
      await first.line(/^before$/);
      first.kill("SIGKILL");
      await log.next("detached");
    }
    const waiting = push.send("in between");
    await using second = start(CURRENT.command, [...CURRENT.args, PULLER, address]);
    await waiting;
    await push.send("after");
    await second.line(/^after$/);
    assert.deepEqual(second.stdout.toString().split("\n"), [
      `bound ${address}`,
      "in between",
      "after",
      "",
    ]);
    assert.equal(push.stats().endpoints[0]!.established, 2);
  });
}
