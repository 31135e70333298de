/** Addresses that mean the same to nanomsg's and nng's tools and to us, and what they leave out that a browser says. */

import assert from "node:assert/strict";
import { lstatSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { freePort, temporaryFolder } from "../conformance/transports.ts";
import { text } from "../helpers/bytes.ts";
import { NANOCAT, NNGCAT, type Peer } from "../helpers/peers.ts";
import { type Child, PATIENCE, start } from "../helpers/process.ts";

const interfaces = Object.entries(networkInterfaces());
const [lo = "lo", loopback = []] =
  interfaces.find(([, all]) => all?.some(({ address }) => address === "127.0.0.1")) ?? [];
const noIPv6 = !loopback.some(({ address }) => address === "::1") && "this machine has no IPv6";
const noFiles = process.platform === "win32" && "Windows has named pipes instead";
const noLoopbackNet = process.platform !== "linux" && "only Linux has all of 127.0.0.0/8";

/** Has a tool say something to its first peer. */
function say({ command }: Peer, ...address: string[]): Child {
  return start(command, ["--push", ...address, "--data", "hello", "--interval", "3600"]);
}

/** Has a tool listen, and print. */
function hear({ command }: Peer, address: string): Child {
  return start(command, ["--pull", "--bind", address, "--format", "ascii"]);
}

async function assertHears(pull: Pull): Promise<void> {
  assert.equal(text(await pull.receive({ timeout: PATIENCE })), "hello");
}

/** Says something to a tool until it has printed it. */
async function assertHeard(child: Child, address: string): Promise<void> {
  await using push = new Push({ reconnectMin: 20, reconnectMax: 50 });
  push.connect(address);
  // nngcat prints no newline, and only whole buffers; so it is sent one that is large enough.
  await push.send("hello\n".repeat(2000), { timeout: PATIENCE });
  await child.line(/hello/);
}

for (const scheme of ["tcp4", "tcp6", "ws4"]) {
  const host = scheme === "tcp6" ? "[::1]" : "127.0.0.1";
  const skip = NNGCAT.skip || scheme === "tcp6" && noIPv6;

  test(`nngcat connects to ${scheme}:// of ours`, { skip }, async () => {
    await using pull = new Pull();
    const { address } = await pull.bind(`${scheme}://*:0`);
    const port = address.slice(address.lastIndexOf(":") + 1);
    await using _ = say(
      NNGCAT,
      "--connect",
      `${scheme}://${host}:${port}/`.replace(/^(tcp.*)\/$/, "$1"),
    );
    await assertHears(pull);
  });

  test(`ours connects to ${scheme}:// of nngcat's`, { skip }, async () => {
    const { port } = await freePort();
    const address = `${scheme}://${host}:${port}${scheme === "ws4" ? "/" : ""}`;
    await using child = hear(NNGCAT, address);
    await assertHeard(child, address);
  });
}

for (const [name, peer] of [["nanocat", NANOCAT], ["nngcat", NNGCAT]] as const) {
  test(`${name} reaches what we have bound by an interface's name, and is reached from it`, {
    skip: peer.skip,
  }, async () => {
    await using pull = new Pull();
    const { address } = await pull.bind(`tcp://${lo}:0`);
    await using _ = say(peer, "--connect", address);
    await assertHears(pull);
    const { host, port } = await freePort();
    await using child = hear(peer, `tcp://${host}:${port}`);
    await assertHeard(child, `tcp://${lo};${host}:${port}`);
  });

  test(`${name} names no origin, and so is taken by default`, { skip: peer.skip }, async () => {
    await using pull = new Pull();
    const log = new EventLog(pull);
    const { address } = await pull.bind("ws://127.0.0.1:0/");
    await using _ = say(peer, "--connect", address);
    const { peer: attached } = await log.next("attached");
    assert.equal(attached.headers?.get("origin"), null);
    await assertHears(pull);
  });

  test(`${name} of the same user connects to our file, and makes its own by the umask`, {
    skip: peer.skip || noFiles,
  }, async () => {
    const { folder, remove } = temporaryFolder();
    try {
      await using pull = new Pull();
      await pull.bind(`ipc://${join(folder, "ours")}`);
      assert.equal(lstatSync(join(folder, "ours")).mode & 0o777, 0o600);
      await using _ = say(peer, "--connect", `ipc://${join(folder, "ours")}`);
      await assertHears(pull);
      const theirs = join(folder, "theirs");
      await using child = hear(peer, `ipc://${theirs}`);
      await assertHeard(child, `ipc://${theirs}`);
      assert.equal(lstatSync(theirs).mode & 0o777, 0o777 & ~process.umask());
    } finally {
      remove();
    }
  });
}

test("nanocat connects from the address before a semicolon, as ours does", {
  skip: NANOCAT.skip || noLoopbackNet,
}, async () => {
  await using pull = new Pull();
  const log = new EventLog(pull);
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  const from = address.replace("tcp://", "tcp://127.0.0.7;");
  await using _ = say(NANOCAT, "--connect", from);
  assert.match((await log.next("attached")).peer.remoteAddress, /^tcp:\/\/127\.0\.0\.7:/);
  await using push = new Push();
  push.connect(from);
  assert.match((await log.next("attached")).peer.remoteAddress, /^tcp:\/\/127\.0\.0\.7:/);
});
