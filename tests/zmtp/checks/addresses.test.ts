/** Where we meet zeromq.js: tcp, IPv6, ipc, and ws by ZWS 2.0. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Pair, Pub, Pull, Rep, Req, Sub } from "../../../zmtp/mod.ts";
import { temporaryFolder } from "../../conformance/transports.ts";
import { heardByOurs, heardByTheirs, joined, ROLES, takeTexts } from "../helpers/link.ts";
import { Wiretap, type WiretapOptions } from "../helpers/wiretap.ts";
import { PATIENCE, sharedProcess, skip } from "../peers/zeromq.ts";

const zeromq = sharedProcess();

/** Addresses to bind, of each kind. */
const PLACES: readonly { name: string; ours: string; theirs: string; options?: { ipv6: true } }[] =
  [
    { name: "tcp", ours: "tcp://127.0.0.1:0", theirs: "tcp://127.0.0.1:*" },
    {
      name: "tcp of IPv6",
      ours: "tcp://[::1]:0",
      theirs: "tcp://[::1]:*",
      options: { ipv6: true },
    },
    { name: "ws", ours: "ws://127.0.0.1:0/zmtp", theirs: "ws://127.0.0.1:*" },
  ];

for (const role of ROLES) {
  for (const { name, ours, theirs, options = {} } of PLACES) {
    // Check 40.
    test(`we meet zeromq.js over ${name} when we ${role}`, { skip }, async () => {
      const z = await zeromq();
      await using theirPush = await z.socket("Push", { ...options });
      await using ourPull = new Pull();
      await using theirRep = await z.socket("Reply", { ...options });
      await theirRep.echo();
      await using ourReq = new Req();
      if (role === "bind") {
        await theirPush.connect((await ourPull.bind(ours)).address);
        await theirRep.connect((await ourReq.bind(ours)).address);
      } else {
        ourPull.connect(await theirPush.bind(theirs));
        ourReq.connect(await theirRep.bind(theirs));
      }
      await theirPush.send("a", ["b", "", "c"]);
      assert.deepEqual(await takeTexts(ourPull, 2), ["a", "b||c"]);
      const reply = await ourReq.request(["question", "two"], { timeout: PATIENCE });
      assert.equal(joined(reply), "question|two");
    });
  }

  // Check 40.
  test(`we meet zeromq.js over ipc when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    const { folder, remove } = temporaryFolder();
    try {
      const address = `ipc://${join(folder, "socket")}`;
      await using theirs = await z.socket("Request");
      await using ours = new Rep();
      void ours.serve((request) => request);
      if (role === "bind") {
        await ours.bind(address);
        await theirs.connect(address);
      } else {
        assert.equal(await theirs.bind(address), address);
        ours.connect(address);
      }
      await theirs.send(["question", "two"]);
      assert.deepEqual(await theirs.texts(), ["question|two"]);
    } finally {
      remove();
    }
  });

  // Check 40. Such a name ends where it ends: with libuv's old padding nobody would meet.
  test(`we meet zeromq.js by an abstract name when we ${role}`, {
    skip: process.platform === "linux" ? skip : "only Linux has abstract names",
  }, async () => {
    const z = await zeromq();
    const name = `nanostreams-${randomUUID()}`;
    await using theirs = await z.socket("Request");
    await using ours = new Rep();
    void ours.serve((request) => request);
    if (role === "bind") {
      await ours.bind(`abstract://${name}`);
      await theirs.connect(`ipc://@${name}`);
    } else {
      await theirs.bind(`ipc://@${name}`);
      ours.connect(`abstract://${name}`);
    }
    await theirs.send(["question", "two"]);
    assert.deepEqual(await theirs.texts(), ["question|two"]);
  });

  // Check 40.
  test(`subscriptions go over ws as messages when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using theirSub = await z.socket("Subscriber");
    await using ourPub = new Pub();
    await theirSub.subscribe("A");
    await using theirPub = await z.socket("Publisher");
    await using ourSub = new Sub({ subscribe: "A" });
    if (role === "bind") {
      await theirSub.connect((await ourPub.bind("ws://127.0.0.1:0")).address);
      await theirPub.connect((await ourSub.bind("ws://127.0.0.1:0")).address);
    } else {
      ourPub.connect(await theirSub.bind("ws://127.0.0.1:*"));
      ourSub.connect(await theirPub.bind("ws://127.0.0.1:*"));
    }
    await heardByTheirs(ourPub, theirSub, "A");
    await heardByOurs(theirPub, ourSub, "A");
    await theirSub.unsubscribe("A");
    await theirSub.subscribe("B");
    await heardByTheirs(ourPub, theirSub, "B");
    ourSub.unsubscribe("A");
    ourSub.subscribe("B");
    await heardByOurs(theirPub, ourSub, "B");
    await ourPub.send("A");
    await ourPub.send("B");
    assert.deepEqual(await theirSub.texts(), ["B"]);
    await theirPub.send("A", "B");
    assert.deepEqual(await takeTexts(ourSub), ["B"]);
  });
}

/** Has a client ask for this subprotocol alone. */
function asking(subprotocol: string): WiretapOptions {
  return {
    rewrite: (piece, side) => {
      const text = piece.toString("latin1");
      if (side === "listener" || !text.startsWith("GET ")) return piece;
      const header = /(Sec-WebSocket-Protocol: )[^\r]*/i;
      assert.match(text, header);
      return Buffer.from(text.replace(header, `$1${subprotocol}`), "latin1");
    },
  };
}

for (const role of ROLES) {
  for (const subprotocol of ["ZWS2.0", "ZWS2.0/NULL"]) {
    // Check 40.
    test(
      `messages and subscriptions pass by ${subprotocol} when we ${role}`,
      { skip },
      async () => {
        const z = await zeromq();
        await using theirPair = await z.socket("Pair");
        await using ourPair = new Pair();
        await using theirSub = await z.socket("Subscriber");
        await using ourPub = new Pub();
        await theirSub.subscribe("A");
        const taps: Wiretap[] = [];
        try {
          for (const [ours, theirs] of [[ourPair, theirPair], [ourPub, theirSub]] as const) {
            const target = role === "bind"
              ? (await ours.bind("ws://127.0.0.1:0")).address
              : await theirs.bind("ws://127.0.0.1:*");
            const tap = await Wiretap.open(target, asking(subprotocol));
            taps.push(tap);
            const address = tap.address.replace("tcp:", "ws:");
            if (role === "bind") await theirs.connect(address);
            else ours.connect(address);
          }
          await ourPair.send(["a", "", "b"]);
          assert.deepEqual(await theirPair.texts(), ["a||b"]);
          await theirPair.send(["c", "", "d"], "");
          assert.deepEqual(await takeTexts(ourPair, 2), ["c||d", ""]);
          await heardByTheirs(ourPub, theirSub, "A");
          const answers = taps.map((tap) =>
            /Sec-WebSocket-Protocol: (.*)\r/i.exec(
              Buffer.from(tap.said("listener")).toString("latin1"),
            )?.[1]
          );
          assert.deepEqual(answers, [subprotocol, subprotocol]);
        } finally {
          for (const tap of taps) await tap[Symbol.asyncDispose]();
        }
      },
    );
  }
}

// Check 40.
test("an address in use is EADDRINUSE, also when it is zeromq.js that uses it", {
  skip,
}, async () => {
  const z = await zeromq();
  await using theirs = await z.socket("Pull");
  const address = await theirs.bind();
  await using ours = new Pull();
  await assert.rejects(ours.bind(address), { code: "EADDRINUSE" });
});
