/** What a listener does when its process may open no more files. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Push } from "../../mod.ts";
import { certificates } from "../helpers/certificates.ts";
import { start } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { temporaryFolder } from "../conformance/transports.ts";

const WORKER = join(import.meta.dirname!, "workers", "full_listener.ts");
const SOON = { reconnectMin: 20, reconnectMax: 200 };
const skip = process.platform === "win32" ? "Windows has no limit of files" : false;

for (const scheme of ["tcp", "ipc", "ws", "tls+tcp"]) {
  const name =
    `a listener whose process has no file left says so, rests, and goes on, over ${scheme}`;
  test(name, { skip }, async () => {
    const { folder, remove } = temporaryFolder();
    const { ca, server } = await certificates();
    const address = scheme === "ipc"
      ? `ipc://${join(folder, "socket")}`
      : `${scheme}://127.0.0.1:0`;
    const tls = scheme === "tls+tcp" ? { ca, serverName: "localhost" } : {};
    const { command, args } = CURRENT;
    const program = [command, ...args, WORKER, address, JSON.stringify(tls.ca ? server : {})];
    const quoted = program.map((word) => `'${word}'`).join(" ");
    await using child = start("sh", ["-c", `ulimit -n 64; exec ${quoted}`]);
    const pushes: Push[] = [];
    try {
      const bound = (await child.line(/^bound /)).slice("bound ".length);
      for (let i = 0; i < 70; i++) {
        const push = new Push({ ...SOON, tls });
        push.connect(bound);
        pushes.push(push);
      }
      assert.equal(await child.line(/^full /), "full EMFILE");
      const busy = await child.line(/^busy /);
      assert.ok(Number(busy.split(" ")[1]) < 50, busy);
      assert.doesNotMatch(child.stdout.toString(), /too many events/);
      await Promise.all(pushes.splice(0).map((push) => push.close({ linger: 0 })));
      const late = new Push({ ...SOON, tls });
      pushes.push(late);
      late.connect(bound);
      await late.send("of one that came later");
      assert.equal(await child.line(/^got /), "got of one that came later");
      const { code, stderr } = await child.finished();
      assert.deepEqual([code, stderr], [0, ""]);
    } finally {
      await Promise.all(pushes.map((push) => push.close({ linger: 0 })));
      remove();
    }
  });
}
