/**
 * Peers that break the protocol. Each is let go of, with an event that says why; the socket lives, its good peer
 * notices nothing, and nothing is thrown.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { SPErrorCode } from "../../mod.ts";
import { frame, header, type RawPeer, type Scheme } from "./raw_peer.ts";
import { Siege, VICTIMS } from "./siege.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const push = header(VICTIMS.pull.peerNumber);

interface Attack {
  readonly name: string;
  readonly only?: Scheme;
  attack(peer: RawPeer, scheme: Scheme): Promise<unknown> | void;
  readonly code: SPErrorCode;
  readonly message: RegExp;
}

/** Bytes instead of a header. */
const HEADERS: readonly Attack[] = [
  {
    name: "begins with garbage",
    attack: (peer) => peer.send(crypto.getRandomValues(new Uint8Array(65_536)).fill(0xff, 0, 1)),
    code: "EPROTO",
    message: /does not speak SP: it began with ff/,
  },
  {
    name: "begins with an HTTP request",
    attack: (peer) => peer.send(utf8("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
    code: "EPROTO",
    message: /does not speak SP: it began with 47 45 54 20/,
  },
  {
    name: "speaks another protocol",
    attack: (peer) => peer.send(header(0x10)),
    code: "EPROTO",
    message: /speaks protocol 0x10; PULL needs PUSH \(0x50\)/,
  },
  {
    name: "speaks the same protocol, not its counterpart",
    attack: (peer) => peer.send(header(0x51)),
    code: "EPROTO",
    message: /speaks protocol 0x51; PULL needs PUSH \(0x50\)/,
  },
  {
    name: "has another version in its header",
    attack: (peer) => peer.send(Uint8Array.of(0, 0x53, 0x50, 1, 0, 0x50, 0, 0)),
    code: "EPROTO",
    message: /began with 00 53 50 01/,
  },
  {
    name: "has something in the reserved bytes of its header",
    attack: (peer) => peer.send(Uint8Array.of(0, 0x53, 0x50, 0, 0, 0x50, 0, 1)),
    code: "EPROTO",
    message: /expected 00 53 50 00, a protocol number and 00 00/,
  },
  {
    name: "sends half a header and leaves",
    attack: async (peer) => {
      await peer.send(push.subarray(0, 4));
      await peer.until(8);
      peer.end();
    },
    code: "EPROTO",
    message: /sent 4 of 8 bytes of its header and closed the connection/,
  },
  {
    name: "sends nothing and leaves",
    attack: async (peer) => {
      await peer.until(8);
      peer.end();
    },
    code: "EPROTO",
    message: /sent 0 of 8 bytes of its header and closed the connection/,
  },
  {
    name: "sends half a header and is silent",
    attack: (peer) => peer.send(push.subarray(0, 4)),
    code: "ETIMEDOUT",
    message: /sent 4 of 8 bytes of its header in 250 ms/,
  },
  {
    name: "sends nothing and is silent",
    attack: () => {},
    code: "ETIMEDOUT",
    message: /sent 0 of 8 bytes of its header in 250 ms/,
  },
  {
    name: "sends half a header and resets the connection",
    only: "tcp",
    attack: async (peer) => {
      await peer.send(push.subarray(0, 4));
      await peer.until(8);
      peer.reset();
    },
    code: "ECONNRESET",
    message: /reset/,
  },
];

/** Bytes behind a right header. */
const FRAMES: readonly Attack[] = [
  ...[2n ** 63n, 2n ** 64n - 1n, 2n ** 53n, 1025n].map((length): Attack => ({
    name: `announces a message of ${length} bytes`,
    attack: (peer, scheme) => peer.send(frame(scheme, "", { length })),
    code: "EMSGSIZE",
    message: /announced a message of \d+ bytes, maxMessageSize is 1024/,
  })),
  ...[0, 2, 255].map((type): Attack => ({
    name: `sends an ipc frame of type ${type}`,
    only: "ipc",
    attack: (peer, scheme) => peer.send(frame(scheme, "hello", { type })),
    code: "EPROTO",
    message: new RegExp(`ipc frame of type ${type}, expected 1`),
  })),
  {
    name: "leaves inside a message",
    attack: async (peer, scheme) => {
      await peer.send(frame(scheme, "not all of it", { length: 100n }));
      peer.end();
    },
    code: "EPROTO",
    message: /ended inside a message/,
  },
  {
    name: "leaves inside a length",
    attack: async (peer, scheme) => {
      await peer.send(frame(scheme, "").subarray(0, 5));
      peer.end();
    },
    code: "EPROTO",
    message: /ended inside a message/,
  },
  {
    name: "resets the connection inside a message",
    only: "tcp",
    attack: async (peer, scheme) => {
      await peer.send(frame(scheme, "not all of it", { length: 100n }));
      peer.reset();
    },
    code: "ECONNRESET",
    message: /reset/,
  },
];

for (const scheme of ["tcp", "ipc"] as const) {
  const here = ({ only }: Attack): boolean => only === undefined || only === scheme;

  for (const { name, attack, code, message } of HEADERS.filter(here)) {
    test(`a PULL over ${scheme} refuses a peer that ${name}`, async () => {
      await using siege = await Siege.lay(scheme, VICTIMS.pull, { handshakeTimeout: 250 });
      using peer = await siege.enter();
      await attack(peer, scheme);
      const { reason, remoteAddress, endpoint } = await siege.log.next("rejected");
      assert.equal(reason.code, code);
      assert.match(reason.message, message);
      assert.ok(remoteAddress.startsWith(`${scheme}://`), remoteAddress);
      assert.ok(endpoint.startsWith(`${scheme}://`), endpoint);
      await peer.closed;
      assert.equal(siege.victim.stats().endpoints[1]!.rejected, 1);
      assert.equal(siege.victim.stats().endpoints[1]!.inProgress, 0);
      await siege.assertUnharmed();
    });
  }

  for (const { name, attack, code, message } of FRAMES.filter(here)) {
    test(`a PULL over ${scheme} closes the connection of a peer that ${name}`, async () => {
      await using siege = await Siege.lay(scheme, VICTIMS.pull, { maxMessageSize: 1024 });
      using peer = await siege.enter({ greeted: true });
      await attack(peer, scheme);
      const { reason, peer: lost } = await siege.lost();
      assert.equal(reason?.code, code);
      assert.match(reason!.message, message);
      assert.equal(lost.protocol, "push");
      await peer.closed;
      assert.equal(siege.victim.stats().endpoints[1]!.broken, 1);
      await siege.assertUnharmed();
    });
  }

  test(`a REP over ${scheme} hears a request that comes byte by byte`, async () => {
    await using siege = await Siege.lay(scheme, VICTIMS.rep);
    using peer = await siege.enter();
    const request = frame(scheme, Uint8Array.of(0x80, 0, 0, 1, ...utf8("slowly")));
    for (const byte of [...header(0x30), ...request]) {
      await peer.send(Uint8Array.of(byte));
      await setImmediate();
    }
    await peer.until(8 + request.length);
    assert.deepEqual(new Uint8Array(peer.received.subarray(8)), new Uint8Array(request));
    await siege.assertUnharmed();
  });
}
