/** The option `webSocket.ping`: a silent peer is asked for a sign of life, and let go without one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, type SocketOptions, WebSocketMount } from "../../mod.ts";
import { SPError } from "../../src/base/errors.ts";
import { resolveEndpointOptions } from "../../src/surface/options.ts";
import { Heartbeat } from "../../transports/ws/heartbeat.ts";
import {
  type Pulse,
  WebSocketConnection,
  type WebSocketPort,
} from "../../transports/ws/web_socket_connection.ts";
import { watch } from "../conformance/stage.ts";
import { spError } from "../helpers/errors.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import { listenRaw, OPCODE, rawFrame, RawWebSocket } from "../helpers/raw_web_socket.ts";
import { SERVERS } from "./mounts.ts";

const PULL = "pull.sp.nanomsg.org";
const PUSH = "push.sp.nanomsg.org";

const OPTIONS: SocketOptions = {
  webSocket: { ping: 200 },
  reconnectMin: 600_000,
  reconnectMax: 600_000,
};

/** Answers some pings, and then no more. */
async function answerPings(peer: RawWebSocket, count: number, masked: boolean): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { opcode, payload } = await peer.frame();
    assert.equal(opcode, OPCODE.ping);
    peer.send(rawFrame(OPCODE.pong, payload, { masked }));
  }
  assert.equal((await peer.frame()).opcode, OPCODE.ping);
}

/** A server that a PULL is bound to, by an address or in a mount. */
interface Case {
  readonly name: string;
  bind(pull: Pull): Promise<{ readonly address: string } & AsyncDisposable>;
}

const CASES: readonly Case[] = [
  { name: "on a port of its own", bind: (pull) => pull.bind("ws://127.0.0.1:0") },
  ...SERVERS.filter(({ isHere }) => isHere).map(({ name, start }) => ({
    name: `in ${name}`,
    bind: async (pull: Pull) => {
      const mount = new WebSocketMount();
      await pull.bind(mount);
      return await start(mount);
    },
  })),
];

for (const { name, bind } of CASES) {
  test(`${name} a client that answers pings stays, and is let go when it answers no more`, async () => {
    await using pull = new Pull(OPTIONS);
    const log = watch(pull);
    await using server = await bind(pull);
    const { peer } = await RawWebSocket.open(`${server.address}/`, { protocol: PULL });
    using _ = peer;
    await answerPings(peer, 4, true);
    assert.equal(log.of("detached").length, 0);
    const { reason } = await log.next("detached");
    spError("ETIMEDOUT", "200 ms", "webSocket.ping")(reason);
    await peer.closed;
  });

  test(`${name} messages are signs of life as well`, async () => {
    await using pull = new Pull(OPTIONS);
    const log = watch(pull);
    await using server = await bind(pull);
    await using push = new Push();
    push.connect(`${server.address}/`);
    const { peer } = await RawWebSocket.open(`${server.address}/`, { protocol: PULL });
    using _ = peer;
    await pull.peers(2);
    const gone = log.next("detached");
    let isGone = false;
    gone.finally(() => isGone = true);
    while (!isGone) {
      await push.send("here");
      await pull.receive();
    }
    assert.equal((await gone).reason?.code, "ETIMEDOUT");
    assert.equal(pull.stats().peers.length, 1);
  });
}

test("a server that answers pings stays, and is let go when it answers no more", async () => {
  let answered: Promise<void> | undefined;
  await using server = await listenRaw(async (peer) => {
    await peer.agree(PUSH);
    answered = answerPings(peer, 4, false);
  });
  await using pull = new Pull(OPTIONS);
  const log = watch(pull);
  pull.connect(server.address);
  const { reason } = await log.next("detached");
  spError("ETIMEDOUT", "200 ms", "webSocket.ping")(reason);
  await answered;
});

test("two sockets of this library that ping each other stay together without a message", async () => {
  await using pull = new Pull({ webSocket: { ping: 20 } });
  await using push = new Push({ webSocket: { ping: 20 }, idleTimeout: 500 });
  const { address } = await pull.bind("ws://127.0.0.1:0");
  const log = watch(push);
  push.connect(address);
  await Promise.all([push.peers(1), pull.peers(1)]);
  // A third one that nobody answers shows that time passes.
  await using server = await listenRaw(async (peer) => void await peer.agree(PULL));
  await using other = new Push({ idleTimeout: 1000, reconnectMin: 600_000, reconnectMax: 600_000 });
  other.connect(server.address);
  await watch(other).next("detached");
  assert.equal(log.of("detached").length, 0);
});

/** A WebSocket that counts what is asked of it. */
class MockPort implements WebSocketPort {
  readonly isEnding = false;
  readonly reading = { pause: (): void => {}, resume: (): void => {} };
  heard = 0;
  pings = 0;
  isTerminated = false;
  readonly #time: number | undefined;

  constructor(time: number | undefined) {
    this.#time = time;
  }

  send(): boolean {
    return true;
  }

  listen(peer: Pulse): Heartbeat {
    return new Heartbeat(this.#time, peer, () => this.pings++);
  }

  close(): void {}

  terminate(): void {
    this.isTerminated = true;
  }
}

function connect(
  ping: number | undefined,
): { port: MockPort; connection: WebSocketConnection; ends: (SPError | undefined)[] } {
  const port = new MockPort(ping);
  const info = { remoteAddress: "ws://peer", localAddress: "ws://here" };
  const connection = new WebSocketConnection(port, info, resolveEndpointOptions({}, {}));
  const ends: (SPError | undefined)[] = [];
  connection.start({ data: () => {}, drain: () => {}, closed: (reason) => ends.push(reason) });
  return { port, connection, ends };
}

test("nobody is pinged, and no timer runs, unless the option says so", () => {
  using timers = new HeldTimers();
  connect(undefined);
  connect(Infinity);
  assert.equal(timers.set, 0);
});

test("a ping follows upon a whole time of silence, and the end upon another one", () => {
  using timers = new HeldTimers();
  const { port, ends } = connect(4000);
  const look = (times: number): void => {
    for (let i = 0; i < times; i++) {
      assert.deepEqual(timers.times, [1000]);
      timers.fire();
    }
  };
  look(4);
  assert.equal(port.pings, 0);
  look(1);
  assert.equal(port.pings, 1);
  look(3);
  port.heard++;
  look(5);
  assert.equal(port.pings, 2);
  look(3);
  assert.deepEqual(ends, []);
  look(1);
  spError("ETIMEDOUT", "ws://peer", "4000 ms", "webSocket.ping")(ends[0]);
  assert.deepEqual([port.isTerminated, timers.times], [true, []]);
});

test("a peer that is not read is not pinged, and its answers are waited for once it is", () => {
  using timers = new HeldTimers();
  const { port, connection, ends } = connect(4000);
  connection.pause();
  for (let i = 0; i < 20; i++) timers.fire();
  assert.equal(port.pings, 0);
  connection.resume();
  for (let i = 0; i < 5; i++) timers.fire();
  assert.equal(port.pings, 1);
  connection.pause();
  for (let i = 0; i < 20; i++) timers.fire();
  assert.deepEqual(ends, []);
});

test("no timer is left, however the connection ends", () => {
  const tooLarge = new Uint8Array(2 * 1024 * 1024);
  const ends: ((connection: WebSocketConnection) => void)[] = [
    (connection) => connection.end(),
    (connection) => connection.destroy(),
    (connection) => connection.refuse(),
    (connection) => connection.closed(1000, ""),
    (connection) => connection.closed(1006, ""),
    (connection) => {
      connection.failed(new SPError("EIO", "broken"));
      connection.closed(1006, "");
    },
    (connection) => {
      connection.message(tooLarge);
      connection.closed(1000, "");
    },
  ];
  for (const end of ends) {
    using timers = new HeldTimers((time) => time === 1111);
    const { connection } = connect(4444);
    assert.deepEqual(timers.times, [1111]);
    end(connection);
    assert.deepEqual(timers.times, []);
  }
});

test("the option is milliseconds, 1 or more", () => {
  for (const ping of [0, -1, NaN, "1s", true]) {
    const make = (): Pull => new Pull({ webSocket: { ping: ping as number } });
    assert.throws(make, spError("EINVAL", "webSocket.ping", "milliseconds, 1 or more"));
  }
  void new Pull({ webSocket: { ping: Infinity } });
});
