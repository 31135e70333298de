/** The option `keepAlive`: what the kernel says of connections, and what is asked of the runtimes. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Pull, Push, type SocketOptions } from "../../mod.ts";
import { keepAliveOf } from "../../transports/keep_alive.ts";
import { probe } from "../../transports/runtime/shared/net/open.ts";
import type { NetSocket } from "../../transports/runtime/shared/node_api.ts";
import { attached, PATIENCE } from "../conformance/stage.ts";
import { leaveTransports, TRANSPORTS } from "../conformance/transports.ts";
import { spError } from "../helpers/errors.ts";

after(leaveTransports);

const TABLE = "/proc/net/tcp";
const skip = existsSync(TABLE) ? false : `needs ${TABLE}`;

const IS_DENO = "Deno" in globalThis;

/** The kernel's timer of a connection: its kind, and when it goes off, in milliseconds. */
interface KernelTimer {
  readonly kind: "none" | "retransmission" | "keep-alive" | "other";
  readonly when: number;
}

const KINDS: Readonly<Record<string, KernelTimer["kind"]>> = {
  "00": "none",
  "01": "retransmission",
  "02": "keep-alive",
};

/** `127.0.0.1:80` as the table has it. */
function hex(address: string): string {
  const [host = "", port] = address.replace(/^.*:\/\//, "").split(":");
  const bytes = host.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return `${bytes.reverse().join("")}:${Number(port).toString(16).padStart(4, "0")}`.toUpperCase();
}

/** The timer of the connection between two addresses, at the first one's end, once nothing is on its way. */
async function timerOf(local: string, remote: string): Promise<KernelTimer> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const rows = readFileSync(TABLE, "utf8").split("\n").map((line) => line.trim().split(/\s+/));
    const row = rows.find((cells) => cells[1] === hex(local) && cells[2] === hex(remote));
    const [kind = "", when = ""] = row?.[5]?.split(":") ?? [];
    const timer = { kind: KINDS[kind] ?? "other", when: parseInt(when, 16) * 10 };
    // While something is not acknowledged, there is another timer in its place.
    if (row !== undefined && timer.kind !== "retransmission" && timer.kind !== "other") {
      return timer;
    }
    assert.ok(performance.now() < end, `no connection from ${local} to ${remote} at rest`);
    await setTimeout(5);
  }
}

/** The timers of a connection's two ends. */
async function timers(
  open: (typeof TRANSPORTS)[number]["open"],
  options: SocketOptions,
): Promise<{ readonly dialled: KernelTimer; readonly accepted: KernelTimer }> {
  await using place = await open();
  await using pull = new Pull(options);
  await using push = new Push(options);
  await place.listen(pull);
  place.dial(push);
  await attached(pull, push);
  // As the listener sees it: a dialled WebSocket's remote address may have a name.
  const { remoteAddress, localAddress } = peerOf(pull);
  return {
    accepted: await timerOf(localAddress, remoteAddress),
    dialled: await timerOf(remoteAddress, localAddress),
  };
}

/** The peer's address, and the one that it has connected to. */
function peerOf(pull: Pull): { remoteAddress: string; localAddress: string } {
  const [peer] = pull.stats().peers;
  assert.ok(peer !== undefined);
  const [endpoint] = pull.stats().endpoints;
  return {
    remoteAddress: peer.remoteAddress,
    localAddress: endpoint!.address.replace(/\/$/, ""),
  };
}

for (const { name, open } of TRANSPORTS) {
  if (!["tcp", "tls+tcp", "ws", "wss"].includes(name)) continue;
  test(
    `the kernel probes both ends of an idle connection over ${name} by default`,
    { skip },
    async () => {
      const { dialled, accepted } = await timers(open, {});
      for (const { kind, when } of [dialled, accepted]) {
        assert.equal(kind, "keep-alive");
        // Deno's own API sets no time, and the kernel's is two hours.
        if (IS_DENO && name === "tcp") assert.ok(when > 60_000);
        else assert.ok(when <= 15_000, `${when}`);
      }
    },
  );

  test(`keepAlive says after what time the kernel probes over ${name}`, { skip }, async () => {
    for (const keepAlive of [40_000, { idle: 39_500, interval: 2000, count: 3 }]) {
      const { dialled, accepted } = await timers(open, { keepAlive });
      for (const { kind, when } of [dialled, accepted]) {
        assert.equal(kind, "keep-alive");
        assert.ok(when > 15_000 && when <= 40_000, `${when}`);
      }
    }
  });

  test(`keepAlive: false has nobody probe over ${name}`, { skip }, async () => {
    const { dialled, accepted } = await timers(open, { keepAlive: false });
    assert.deepEqual([dialled.kind, accepted.kind], ["none", "none"]);
  });
}

test("keepAlive is a boolean, a time, or an object of both times and a count", () => {
  for (
    const good of [true, false, 1000, 32_767_000, {}, { idle: 1000 }, {
      interval: 5000,
      count: 127,
    }]
  ) new Pull({ keepAlive: good });
  const bad = [
    [0, "milliseconds from 1000"],
    [999, "milliseconds from 1000"],
    [Infinity, "to 32767000"],
    ["15s", "true or false"],
    [null, "{ idle, interval, count }"],
    [{ idle: 1 }, "milliseconds from 1000"],
    [{ idle: true }, "milliseconds from 1000"],
    [{ count: 0 }, "a whole number from 1 to 127"],
    [{ count: 2.5 }, "a whole number from 1 to 127"],
    [{ delay: 1000 }, "{ idle, interval, count }"],
  ] as const;
  for (const [value, wanted] of bad) {
    const make = (): Pull => new Pull({ keepAlive: value as never });
    assert.throws(make, spError("EINVAL", "keepAlive"));
    assert.throws(make, spError("EINVAL", wanted));
  }
});

test("what is asked for is passed on in whole seconds, and what is not is left to the runtime", () => {
  const calls: unknown[][] = [];
  const socket = { setKeepAlive: (...given: unknown[]) => calls.push(given) };
  for (const given of [true, 20_001, { interval: 1500, count: 4 }, false]) {
    probe(socket as unknown as NetSocket, keepAliveOf(given));
  }
  assert.deepEqual(calls, [
    [true, 15_000, undefined, undefined],
    [true, 21_000, undefined, undefined],
    [true, 15_000, 2000, 4],
  ]);
});
