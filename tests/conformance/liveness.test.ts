/** Peers that fall silent, or stop taking what they are sent, over every transport. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { Pair, Pull, Push } from "../../mod.ts";
import { spError } from "../helpers/errors.ts";
import { start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { header, listenRaw, RawPeer } from "./raw_peer.ts";
import { attached, patience, settled, toText, watch } from "./stage.ts";
import { freePort, freshAddress, leaveTransports, TRANSPORTS } from "./transports.ts";

after(leaveTransports);

/** Nobody connects again within a test. */
const ONCE = { reconnectMin: 600_000, reconnectMax: 600_000 };

function sum(drops: Readonly<Record<string, number>>): number {
  return Object.values(drops).reduce((total, count) => total + count, 0);
}

/** Where no runtime tells how much of a write has left: see `accounting.test.ts`. */
function isVague(name: string): boolean {
  return name === "tls+tcp" || name === "wss" ||
    name === "ws" && ("Bun" in globalThis || "Deno" in globalThis);
}

for (const { name, open } of TRANSPORTS) {
  for (const role of ["bound", "connected"]) {
    test(`a ${role} PULL over ${name} lets go of a peer from which nothing has come for idleTimeout`, async () => {
      await using place = await open();
      await using pull = new Pull({ ...ONCE, idleTimeout: 300 });
      await using push = new Push(ONCE);
      const [log, others] = [watch(pull), watch(push)];
      if (role === "bound") {
        await place.listen(pull);
        place.dial(push);
      } else {
        await place.listen(push);
        place.dial(pull);
      }
      await attached(pull, push);
      await push.send("the last word");
      assert.equal(toText(await pull.receive({ signal: patience() })), "the last word");
      const { reason, peer } = await log.next("detached");
      spError("ETIMEDOUT", peer.remoteAddress, "300 ms", "idleTimeout")(reason);
      await others.next("detached");
      assert.equal(pull.stats().endpoints[0]?.broken ?? 1, 1);
    });
  }

  for (const size of [1000, 100_000]) {
    test(`a PUSH over ${name} lets go of a peer that takes nothing for sendStall: each message of ${size} bytes is delivered or counted`, async () => {
      await using place = await open();
      await using pull = new Pull({ receiveBuffer: 1000 });
      const push = new Push({ ...ONCE, sendBuffer: 1_000_000, sendStall: 400 });
      const log = watch(push);
      const end = watch(pull).next("detached");
      await place.listen(pull);
      place.dial(push);
      await attached(pull, push);
      const gone = log.next("detached");
      let isGone = false;
      gone.then(() => isGone = true, () => isGone = true);
      let accepted = 0;
      while (!isGone) {
        await push.send(new Uint8Array(size), { timeout: 100 }).then(
          () => accepted++,
          spError("ETIMEDOUT"),
        );
      }
      spError("ETIMEDOUT", "400 ms", "sendStall")((await gone).reason);
      await push.close({ linger: 0 });
      const dropped = sum(push.stats().drops);
      assert.ok(dropped > 0);
      let delivered = 0;
      const reading = (async () => {
        for await (const _message of pull) delivered++;
      })();
      await end;
      await settled(() => delivered);
      await pull.close();
      await reading;
      // What a stream of the user's does with what it has taken, when it is aborted, is its own affair.
      if (name === "an attached stream") return;
      if (isVague(name)) assert.ok(delivered + dropped >= accepted);
      else assert.equal(delivered + dropped, accepted);
    });
  }
}

for (const scheme of ["tcp", "ipc"] as const) {
  test(`a dialer over ${scheme} connects again to a peer that greets, and then says nothing`, async () => {
    await using place = freshAddress(scheme);
    const { host, port } = await freePort();
    const address = scheme === "tcp" ? `tcp://${host}:${port}` : place.address;
    let connections = 0;
    await using pair = new Pair({ idleTimeout: 200, reconnectMin: 1, reconnectMax: 20 });
    await using _server = await listenRaw(address, (peer) => {
      connections++;
      peer.send(header(0x10));
    });
    const log = watch(pair);
    pair.connect(address);
    await log.next("detached", ({ reason }) => reason?.code === "ETIMEDOUT");
    await log.next("attached", () => log.of("attached").length === 2);
    assert.ok(connections >= 2);
  });

  test(`a silent peer over ${scheme} leaves alone those that speak`, async () => {
    await using place = freshAddress(scheme);
    await using pull = new Pull({ idleTimeout: 1000 });
    const log = watch(pull);
    const { address } = await pull.bind(place.address);
    using silent = await RawPeer.connect(address);
    await silent.send(header(0x50));
    await using push = new Push();
    push.connect(address);
    await pull.peers(2, { signal: patience() });
    const gone = log.next("detached");
    let isGone = false;
    gone.finally(() => isGone = true);
    while (!isGone) {
      await push.send("here");
      await pull.receive({ signal: patience() });
    }
    const { reason } = await gone;
    spError("ETIMEDOUT", "idleTimeout")(reason);
    await silent.closed;
    assert.equal(pull.stats().peers.length, 1);
    assert.equal(log.of("detached").length, 1);
  });
}

const PULLER = join(PROJECT, "tests", "conformance", "fixtures", "puller.ts");

test("a process that is stopped is let go after sendStall, and what it had not got goes on", {
  skip: process.platform === "win32" ? "needs SIGSTOP" : false,
}, async () => {
  await using child = start(CURRENT.command, [...CURRENT.args, PULLER, "tcp://127.0.0.1:0"]);
  const address = (await child.line(/^bound /)).slice("bound ".length);
  await using push = new Push({ ...ONCE, sendBuffer: 100_000, sendStall: 500 });
  const log = watch(push);
  push.connect(address);
  await attached(push);
  child.kill("SIGSTOP");
  let isGone = false;
  const gone = log.next("detached");
  gone.then(() => isGone = true, () => isGone = true);
  let accepted = 0;
  while (!isGone) {
    const message = `${accepted}`.padEnd(1000, ".");
    await push.send(message, { timeout: 100 }).then(() => accepted++, spError("ETIMEDOUT"));
  }
  spError("ETIMEDOUT", "sendStall")((await gone).reason);
  const lost = sum(push.stats().drops);
  child.kill("SIGCONT");
  // What no peer had yet goes to the next one.
  await using pull = new Pull();
  await pull.bind("inproc://next");
  push.connect("inproc://next");
  const numbers: number[] = [];
  const collect = async (): Promise<void> => {
    for await (const message of pull) numbers.push(parseInt(toText(message)));
  };
  const collecting = collect();
  await child.until(({ stdout }) => {
    const lines = stdout.toString().split("\n").length - 2;
    return lines + numbers.length + lost >= accepted;
  });
  await settled(() => numbers.length);
  const lines = child.stdout.toString().split("\n").slice(1, -1).map((line) => parseInt(line));
  assert.equal(lines.length + numbers.length + lost, accepted);
  assert.deepEqual(lines, lines.map((_, i) => i));
  assert.deepEqual(numbers, numbers.map((_, i) => lines.length + lost + i));
  await pull.close();
  await collecting;
});
