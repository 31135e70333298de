/** Endpoints whose other side says nothing: every wait ends, by its limit or with the endpoint. */

import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { TestContext } from "node:test";
import { Pull, Push } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { patience } from "../conformance/stage.ts";
import { freshAddress } from "../conformance/transports.ts";
import { certificates } from "../helpers/certificates.ts";
import { test } from "../helpers/flat.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import { RawPeer } from "../conformance/raw_peer.ts";
import { calm } from "../helpers/turns.ts";
import { silentPort } from "../runtime/silent_port.ts";
import { IS_LINUX } from "../runtime/stage.ts";

const LONG = 600_000;
const { ca, server } = await certificates();
const TLS_SERVER = { tls: server };

/** A port where the first who comes is heard, and not answered. */
async function listenInSilence(): Promise<
  { readonly port: number; readonly first: Promise<RawPeer> } & AsyncDisposable
> {
  const { promise: first, resolve } = Promise.withResolvers<RawPeer>();
  const server = createServer((socket) => resolve(new RawPeer(socket)));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    port: (server.address() as { port: number }).port,
    first,
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(() => closed())),
  };
}

/** The schemes that are bytes on TCP below. */
const SCHEMES = ["tcp", "tls+tcp", "ws", "wss"] as const;

for (const scheme of SCHEMES) {
  test(
    `a dialer over ${scheme} gives up a port that does not answer after connectTimeout, and tries again`,
    { skip: IS_LINUX ? false : "needs Linux" },
    async (t: TestContext) => {
      const port = await silentPort(t);
      await using push = new Push({ tls: { ca }, reconnectMin: 1, handshakeTimeout: LONG });
      const log = new EventLog(push);
      push.connect(`${scheme}://127.0.0.1:${port}`, { connectTimeout: 50 });
      const { reason } = await log.next("connect-failed");
      assert.equal(reason.code, "ETIMEDOUT", reason.message);
      assert.match(reason.message, /^Cannot connect to ".*": no connection in 50 ms$/);
      await log.next("connect-failed", () => log.of("connect-failed").length > 1);
      assert.deepEqual(log.of("attached"), []);
    },
  );

  test(`a dialer over ${scheme} that is connected waits for longer than connectTimeout, until it is closed`, async () => {
    using timers = new HeldTimers((time) => time === 4321);
    await using silent = await listenInSilence();
    await using push = new Push({ tls: { ca }, handshakeTimeout: LONG });
    const log = new EventLog(push);
    const dialer = push.connect(`${scheme}://127.0.0.1:${silent.port}`, { connectTimeout: 4321 });
    const peer = await silent.first;
    // The handshake has begun.
    await peer.until(8);
    assert.deepEqual([timers.set, timers.times], [1, []]);
    await dialer.close();
    await peer.closed;
    assert.deepEqual(log.all, []);
  });

  test(`a listener over ${scheme} that is closed lets go of who has said nothing, and of nobody else`, async () => {
    await using pull = new Pull({ ...TLS_SERVER, handshakeTimeout: LONG });
    const log = new EventLog(pull);
    const listener = await pull.bind(`${scheme}://127.0.0.1:0`);
    const other = await pull.bind(`${scheme}://127.0.0.1:0`);
    await using push = new Push({ tls: { ca } });
    push.connect(other.address.replace("127.0.0.1", "localhost"));
    await pull.peers(1, { signal: patience() });
    using silent = await RawPeer.connect(listener.address.replace(/\/$/, ""));
    // Whoever is taken in afterwards has come later: the silent one is known by then.
    await using later = new Push({ tls: { ca } });
    later.connect(listener.address.replace("127.0.0.1", "localhost"), { reconnectMin: LONG });
    await pull.peers(2, { signal: patience() });
    await listener.close();
    await silent.closed;
    assert.deepEqual(log.of("rejected"), []);
    assert.equal(pull.stats().peers.length, 1);
  });
}

test("a listener over ipc that is closed lets go of who has said nothing", async () => {
  await using place = freshAddress("ipc");
  await using pull = new Pull({ handshakeTimeout: LONG });
  const listener = await pull.bind(place.address);
  using silent = await RawPeer.connect(place.address);
  // Our header.
  await silent.until(8);
  await listener.close();
  await silent.closed;
});

test("a dialer over inproc waits for its name, however short connectTimeout is", async () => {
  await using push = new Push();
  const log = new EventLog(push);
  const address = `inproc://${crypto.randomUUID()}`;
  push.connect(address, { connectTimeout: 0 });
  await calm();
  await calm();
  await using pull = new Pull();
  await pull.bind(address);
  await log.next("attached");
  assert.deepEqual(log.of("connect-failed"), []);
});
