/** What a listener does when its process may open no more files. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Push } from "../../mod.ts";
import { certificates } from "../helpers/certificates.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { temporaryFolder } from "../conformance/transports.ts";

const WORKER = join(import.meta.dirname!, "workers", "full_listener.ts");
const SOON = { reconnectMin: 20, reconnectMax: 200 };
const skip = process.platform === "win32" ? "Windows has no limit of files" : false;

/** Starts a listener whose process may have few files. */
async function listen(
  scheme: string,
  use: (listener: { child: Child; dial: () => Push }) => Promise<void>,
  ...more: string[]
): Promise<void> {
  const { folder, remove } = temporaryFolder();
  const { ca, server } = await certificates();
  const address = scheme === "ipc" ? `ipc://${join(folder, "socket")}` : `${scheme}://127.0.0.1:0`;
  const isSecure = scheme === "tls+tcp";
  const { command, args } = CURRENT;
  const tls = JSON.stringify(isSecure ? server : {});
  const program = [command, ...args, WORKER, address, tls, ...more];
  const quoted = program.map((word) => `'${word}'`).join(" ");
  await using child = start("sh", ["-c", `ulimit -n 64; exec ${quoted}`]);
  const pushes: Push[] = [];
  try {
    const bound = (await child.line(/^bound /)).slice("bound ".length);
    const dial = (): Push => {
      const push = new Push({ ...SOON, tls: isSecure ? { ca, serverName: "localhost" } : {} });
      pushes.push(push);
      push.connect(bound);
      return push;
    };
    await use({ child, dial });
    const { code, stderr } = await child.finished();
    assert.deepEqual([code, stderr], [0, ""]);
  } finally {
    await Promise.all(pushes.map((push) => push.close({ linger: 0 })));
    remove();
  }
}

/** Says that it has no file left, once or seldom, and does next to nothing then. */
async function assertRests(child: Child): Promise<void> {
  assert.equal(await child.line(/^full /), "full EMFILE");
  const busy = await child.line(/^busy /);
  assert.ok(Number(busy.split(" ")[1]) < 50, busy);
  assert.doesNotMatch(child.stdout.toString(), /too many events/);
}

for (const scheme of ["tcp", "ipc", "ws", "tls+tcp"]) {
  const name = `a listener whose peers leave no file says so, rests, and goes on, over ${scheme}`;
  test(name, { skip }, () =>
    listen(scheme, async ({ child, dial }) => {
      const crowd = Array.from({ length: 70 }, dial);
      await assertRests(child);
      await Promise.all(crowd.map((push) => push.close({ linger: 0 })));
      await dial().send("of one that came later");
      assert.equal(await child.line(/^got /), "got of one that came later");
    }));
}

for (const scheme of ["tcp", "tls+tcp"]) {
  const name =
    `a listener whose program has no file left says so, rests, and goes on, over ${scheme}`;
  test(name, { skip }, () =>
    listen(scheme, async ({ child, dial }) => {
      const push = dial();
      await assertRests(child);
      await push.send("of one that waited");
      assert.equal(await child.line(/^got /), "got of one that waited");
    }, "greedy"));
}
