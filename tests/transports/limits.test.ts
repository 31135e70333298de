/** The limits on peers and handshakes, on every transport. */

import assert from "node:assert/strict";
import { connect, type Socket as NetSocket } from "node:net";
import { after, describe, test } from "node:test";
import { type BindOptions, Pull, Push } from "../../mod.ts";
import { attached, watch } from "../conformance/stage.ts";
import { leaveTransports, TRANSPORTS } from "../conformance/transports.ts";
import { certificates } from "../helpers/certificates.ts";
import { turn } from "../helpers/turns.ts";

after(leaveTransports);

const ONCE = { reconnectMin: 60_000, reconnectMax: 60_000 };
const SOON = { reconnectMin: 5, reconnectMax: 20 };
const STREAM = "an attached stream";

for (const { name, open, redials } of TRANSPORTS) {
  describe(`a limit on peers over ${name}`, () => {
    test("of a socket refuses whoever comes when it is reached", async () => {
      await using place = await open();
      await using pull = new Pull({ maxPeers: 1 });
      await using first = new Push(ONCE);
      await using second = new Push(ONCE);
      const [heard, told] = [watch(pull), watch(second)];
      await place.listen(pull);
      place.dial(first);
      await attached(first, pull);
      place.dial(second);
      const { reason, count } = await heard.next("rejected");
      assert.deepEqual([reason.code, count], ["EMAXPEERS", 1]);
      // Over TLS the dialer had a connection, over an attached stream it has nothing but the end.
      await Promise.any([told.next("connect-failed"), told.next("rejected")]);
      assert.deepEqual(told.of("attached"), []);
      assert.equal(pull.stats().peers.length, 1);
    });

    if (name === STREAM) return;

    test("of a listener takes in the next one when a peer has left", async () => {
      await using place = await open();
      await using pull = new Pull();
      const first = new Push(SOON);
      await using second = new Push(SOON);
      const heard = watch(pull);
      await place.listen(pull, { maxPeers: 1 });
      place.dial(first);
      await attached(first, pull);
      place.dial(second);
      assert.equal((await heard.next("rejected")).reason.code, "EMAXPEERS");
      await first.close();
      await attached(second);
      await heard.next("attached", () => heard.of("attached").length === 2);
      const [{ rejected, rejections, accepted } = assert.fail()] = pull.stats().endpoints;
      assert.deepEqual([rejections, accepted], [{ EMAXPEERS: rejected }, 2]);
    });

    test("has a dialer wait until there is a place", async () => {
      await using place = await open();
      await using pull = new Pull();
      await using push = new Push({ ...SOON, maxPeers: 1 });
      await using other = new Pull();
      await using elsewhere = await open();
      await elsewhere.listen(other);
      const dialer = elsewhere.dial(push);
      await attached(push, other);
      const told = watch(push);
      await place.listen(pull);
      place.dial(push);
      assert.equal((await told.next("connect-failed")).reason.code, "EMAXPEERS");
      assert.deepEqual(pull.stats().peers, []);
      await dialer.close();
      await attached(pull);
    });

    if (!redials) return;

    test("leaves no handshake behind, whatever became of it", async () => {
      await using place = await open();
      await using pull = new Pull();
      let count = 0;
      await place.listen(pull, { maxHandshakes: 1, accept: () => count++ % 2 === 1 });
      for (let i = 0; i < 4; i++) {
        await using push = new Push(SOON);
        place.dial(push);
        await attached(push);
      }
      assert.equal(pull.stats().endpoints[0]!.inProgress, 0);
    });
  });
}

/** A client that says nothing. */
class Silent implements Disposable {
  readonly socket: NetSocket;
  readonly connected: Promise<void>;
  readonly closed: Promise<void>;
  received = "";

  constructor(address: string) {
    const { hostname, port } = new URL(address.replace(/^[a-z+]+:/, "http:"));
    this.socket = connect(Number(port), hostname);
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => this.received += chunk.toString("latin1"));
    this.connected = new Promise((resolve) => this.socket.once("connect", () => resolve()));
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

async function bind(
  pull: Pull,
  scheme: string,
  options: BindOptions,
): Promise<{ address: string; dial: () => Push }> {
  const { ca, server } = await certificates();
  const secure = scheme === "wss" || scheme === "tls+tcp";
  const { address } = await pull.bind(`${scheme}://127.0.0.1:0`, {
    ...options,
    ...(secure && { tls: server }),
  });
  return {
    address,
    dial: () => {
      const push = new Push(SOON);
      push.connect(address, secure ? { tls: { ca, serverName: "localhost" } } : {});
      return push;
    },
  };
}

async function inProgress(pull: Pull, count: number): Promise<void> {
  while (pull.stats().endpoints[0]!.inProgress !== count) await turn();
}

for (const scheme of ["tcp", "tls+tcp", "ws", "wss"]) {
  describe(`${scheme} clients that say nothing`, () => {
    test("give way, the oldest first, when there are more than maxHandshakes", async () => {
      await using pull = new Pull();
      const heard = watch(pull);
      const { address, dial } = await bind(pull, scheme, { maxHandshakes: 2 });
      using first = new Silent(address);
      await inProgress(pull, 1);
      using second = new Silent(address);
      await inProgress(pull, 2);
      using third = new Silent(address);
      await first.closed;
      assert.equal((await heard.next("rejected")).reason.code, "EMAXHANDSHAKES");
      await using push = dial();
      await attached(push, pull);
      assert.deepEqual([second.socket.destroyed, third.socket.destroyed], [false, false]);
      using fourth = new Silent(address);
      await second.closed;
      assert.equal(third.socket.destroyed, false);
      await inProgress(pull, 2);
      third.socket.destroy();
      fourth.socket.destroy();
      await inProgress(pull, 0);
      assert.deepEqual(pull.stats().endpoints[0]!.rejections.EMAXHANDSHAKES, 2);
    });

    test("are counted, and forgotten when they leave", async () => {
      await using pull = new Pull();
      const { address, dial } = await bind(pull, scheme, { maxPeersPerHost: 2 });
      const crowd = [new Silent(address), new Silent(address)];
      await inProgress(pull, 2);
      using late = new Silent(address);
      await late.closed;
      const answer = scheme === "ws" ? /^HTTP\/1\.1 503 Service Unavailable\r\n/ : /^$/;
      assert.match(late.received, answer);
      assert.deepEqual(pull.stats().endpoints[0]!.rejections, { EMAXPEERSPERHOST: 1 });
      for (const one of crowd) one.socket.destroy();
      await inProgress(pull, 0);
      await using push = dial();
      await using other = dial();
      await attached(push, other);
      await pull.peers(2);
    });

    test("that say what is wrong are forgotten too", async () => {
      await using pull = new Pull();
      const heard = watch(pull);
      const { address } = await bind(pull, scheme, { maxPeersPerHost: 1 });
      for (let i = 1; i <= 3; i++) {
        using wrong = new Silent(address);
        wrong.socket.write("GET / HTTP/1.0\r\n\r\n");
        await wrong.closed;
        await inProgress(pull, 0);
      }
      assert.deepEqual(heard.of("rejected").filter(({ reason }) => /^EMAX/.test(reason.code)), []);
    });
  });
}

test("a ws client is told by status 503 that there are as many peers as may be", async () => {
  await using pull = new Pull();
  const { address, dial } = await bind(pull, "ws", { maxPeers: 1 });
  await using push = dial();
  await attached(push, pull);
  await using other = new Push(ONCE);
  const told = watch(other);
  other.connect(address);
  assert.match((await told.next("connect-failed")).reason.message, /503/);
});
