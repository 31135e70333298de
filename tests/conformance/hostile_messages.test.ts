/** Peers that shake hands as they should, and then send what their pattern does not know, or far too much of it. */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Pull, Push, Rep } from "../../mod.ts";
import { frame, header, RawPeer } from "./raw_peer.ts";
import { Siege, VICTIMS } from "./siege.ts";
import { attached, PATIENCE, settled, watch } from "./stage.ts";
import { freshAddress } from "./transports.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** A message that begins with these 32-bit words. */
function words(...values: number[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => bytes.setUint32(i * 4, value));
  return new Uint8Array(bytes.buffer);
}

/** Messages that have no id where REQ and REP want one. */
const WITHOUT_ID: readonly (readonly [name: string, message: Uint8Array])[] = [
  ["is empty", words()],
  ["has three bytes", Uint8Array.of(0x80, 0, 0)],
  ["has no id", words(1)],
];

for (const scheme of ["tcp", "ipc"] as const) {
  for (const kind of [VICTIMS.pub, VICTIMS.push]) {
    test(`a ${kind.name} over ${scheme} closes the connection of a peer that sends it a message`, async () => {
      await using siege = await Siege.lay(scheme, kind);
      using peer = await siege.enter({ greeted: true });
      await peer.send(frame(scheme, "a word with you"));
      const { reason } = await siege.lost();
      assert.equal(reason?.code, "EPROTO");
      assert.match(reason!.message, /sent a message to a socket that only sends/);
      await peer.closed;
      await siege.assertUnharmed();
    });
  }

  for (const kind of [VICTIMS.rep, VICTIMS.req]) {
    for (const [name, message] of WITHOUT_ID) {
      test(`a ${kind.name} over ${scheme} closes the connection of a peer whose message ${name}`, async () => {
        await using siege = await Siege.lay(scheme, kind);
        using peer = await siege.enter({ greeted: true });
        await peer.send(frame(scheme, message));
        const { reason } = await siege.lost();
        assert.equal(reason?.code, "EPROTO");
        assert.match(reason!.message, /without its id/);
        assert.equal((await siege.log.next("dropped")).reason, "malformed");
        assert.deepEqual(siege.victim.stats().drops, { malformed: 1 });
        await peer.closed;
        await siege.assertUnharmed();
      });
    }
  }

  test(`a REP over ${scheme} closes the connection of a peer whose backtrace never ends`, async () => {
    await using siege = await Siege.lay(scheme, VICTIMS.rep);
    using peer = await siege.enter({ greeted: true });
    await peer.send(frame(scheme, new Uint8Array(64 * KIB)));
    assert.equal((await siege.lost()).reason?.code, "EPROTO");
    await siege.assertUnharmed();
  });

  test(`a REP over ${scheme} drops a request that came too far, and keeps the connection`, async () => {
    await using siege = await Siege.lay(scheme, VICTIMS.rep);
    using peer = await siege.enter({ greeted: true });
    await peer.send(frame(scheme, words(1, 2, 3, 4, 5, 6, 7, 8, 0x8000_0001)));
    const right = frame(scheme, words(1, 2, 3, 4, 5, 6, 7, 0x8000_0001));
    await peer.send(right);
    await peer.until(8 + right.length);
    assert.deepEqual(new Uint8Array(peer.received.subarray(8)), new Uint8Array(right));
    assert.deepEqual(siege.victim.stats().drops, { ttl: 1 });
    await siege.assertUnharmed();
  });

  test(`a REQ over ${scheme} drops an answer to nobody's question, and keeps the connection`, async () => {
    await using siege = await Siege.lay(scheme, VICTIMS.req);
    using peer = await siege.enter({ greeted: true });
    await peer.send(frame(scheme, words(0xffff_ffff)));
    const { reason, peer: from } = await siege.log.next("dropped");
    assert.equal(reason, "late");
    assert.ok(siege.victim.stats().peers.some(({ id }) => id === from!.id));
    await siege.assertUnharmed();
  });

  test(`a PULL over ${scheme} hears 50,000 empty messages, and never holds many of them`, async () => {
    await using place = freshAddress(scheme);
    await using pull = new Pull({ receiveTimeout: PATIENCE });
    const { address } = await pull.bind(place.address);
    using peer = await RawPeer.connect(address);
    const count = 50_000;
    const flood = new Uint8Array(count * frame(scheme, "").length);
    for (let i = 0; i < count; i++) flood.set(frame(scheme, ""), i * frame(scheme, "").length);
    const sent = peer.send(header(0x50), flood);
    await attached(pull);
    // One chunk may come whole, whatever it holds: that is what bounds it.
    const bound = (128 * KIB) / 64 + MIB / 8;
    for (let i = 0; i < count; i++) {
      assert.equal((await pull.receive()).length, 0);
      if (i % 1000 !== 0) continue;
      const { queuedMessages } = pull.stats();
      assert.ok(queuedMessages <= bound, `${queuedMessages} in the queue`);
    }
    await sent;
  });

  test(`a PULL over ${scheme} without a limit gives a peer memory for what it sends, not for what it announces`, async () => {
    await using siege = await Siege.lay(scheme, VICTIMS.pull, { maxMessageSize: Infinity });
    const before = process.memoryUsage().rss;
    const peers = await Promise.all(
      Array.from({ length: 8 }, () => siege.enter({ greeted: true })),
    );
    for (const peer of peers) {
      await peer.send(frame(scheme, new Uint8Array(64), { length: 2n ** 40n }));
    }
    await siege.assertUnharmed();
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 128 * MIB, `grew by ${grown} bytes`);
    for (const peer of peers) peer.end();
    assert.match((await siege.lost()).reason!.message, /ended inside a message/);
  });

  test(`a REP over ${scheme} asks itself nothing more for a peer that takes no replies`, async () => {
    await using place = freshAddress(scheme);
    const sendBuffer = 128 * KIB;
    await using rep = new Rep({ sendBuffer });
    const { address } = await rep.bind(place.address);
    using peer = await RawPeer.connect(address);
    await peer.send(header(0x30));
    await peer.until(8);
    peer.stopReading();
    let served = 0;
    const serving = rep.serve(() => {
      served++;
      return new Uint8Array(64 * KIB);
    });
    const count = 1000;
    const requests = Array.from({ length: count }, (_, i) => frame(scheme, words(0x8000_0000 + i)));
    await peer.send(...requests);
    while (rep.stats().messagesReceived < count) await setImmediate();
    await settled(() => served);
    assert.ok(served > 0 && served < count, `served ${served} of ${count}`);
    assert.equal(rep.stats().queuedMessages, count - served);
    // No more than the 64 questions that `serve` has in hand at once.
    assert.ok(rep.stats().peers[0]!.queuedBytes <= 65 * 64 * KIB + sendBuffer);
    const log = watch(rep);
    peer.reset();
    await log.next("detached");
    await rep.close();
    await serving;
  });

  test(`a PULL over ${scheme} forgets peers that come and go at once`, async () => {
    await using siege = await Siege.lay(scheme, VICTIMS.pull);
    const stages = [new Uint8Array(0), header(0x50).subarray(0, 3), header(0x50)];
    await Promise.all(Array.from({ length: 90 }, async (_, i) => {
      using peer = await siege.enter();
      await peer.send(stages[i % 3]!);
      if (i % 2 === 0) peer.reset();
    }));
    const gone = (): boolean => {
      const { peers, endpoints } = siege.victim.stats();
      return peers.length === 1 && endpoints[1]!.inProgress === 0;
    };
    while (!gone()) await setImmediate();
    await siege.assertUnharmed();
  });

  test(`a PUSH over ${scheme} whose peer vanishes gives the next one what it had not sent`, async () => {
    await using place = freshAddress(scheme);
    await using push = new Push();
    const { address } = await push.bind(place.address);
    const log = watch(push);
    using peer = await RawPeer.connect(address);
    peer.stopReading();
    await peer.send(header(0x51));
    await attached(push);
    // More than the kernel takes.
    const count = 1024;
    const sends = Array.from({ length: count }, (_, i) => {
      const message = new Uint8Array(64 * KIB);
      message.set([i >> 8, i & 0xff]);
      return push.send(message);
    });
    const number = async (): Promise<number> => {
      const [high = 0, low = 0] = await pull.receive();
      return high << 8 | low;
    };
    await sends[0];
    peer.reset();
    await log.next("detached");
    await using pull = new Pull({ receiveTimeout: PATIENCE });
    pull.connect(address);
    const first = await number();
    for (let i = first + 1; i < count; i++) assert.equal(await number(), i);
    await Promise.all(sends);
    assert.ok(first > 0 && first < count, `the first is ${first}`);
    // What was half written is lost, and counted.
    assert.equal((await log.next("dropped")).reason, "peer-gone");
  });
}
