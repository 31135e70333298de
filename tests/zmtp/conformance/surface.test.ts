/** What users see of ZMTP's sockets: directions, options, statistics, events, and who may meet whom. */

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import * as sp from "../../../mod.ts";
import {
  Dealer,
  Pair,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Router,
  SPError,
  Sub,
  XPub,
  XSub,
} from "../../../zmtp/mod.ts";
import { spError } from "../../helpers/errors.ts";
import { patience, settled, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

type Make = (options?: object) => sp.Socket;

const SOCKETS: Readonly<Record<string, Make>> = {
  DEALER: (options) => new Dealer(options),
  PAIR: (options) => new Pair(options),
  PUB: (options) => new Pub(options),
  PULL: (options) => new Pull(options),
  PUSH: (options) => new Push(options),
  REP: (options) => new Rep(options),
  REQ: (options) => new Req(options),
  ROUTER: (options) => new Router(options),
  SUB: (options) => new Sub(options),
  XPUB: (options) => new XPub(options),
  XSUB: (options) => new XSub(options),
};

/** Who may be opposite whom (RFC 37, 3.2). */
const PAIRS: Readonly<Record<string, readonly string[]>> = {
  DEALER: ["REP", "DEALER", "ROUTER"],
  PAIR: ["PAIR"],
  PUB: ["SUB", "XSUB"],
  PULL: ["PUSH"],
  PUSH: ["PULL"],
  REP: ["REQ", "DEALER"],
  REQ: ["REP", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
  SUB: ["PUB", "XPUB"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
};

for (const [type, make] of Object.entries(SOCKETS)) {
  test(`${type} has the directions that its pattern has, and no others`, async () => {
    await using socket = make();
    assert.equal(socket.stats().protocol, type.toLowerCase());
    assert.equal("readable" in socket, !["PUB", "PUSH"].includes(type));
    assert.equal("writable" in socket, !["PULL", "SUB"].includes(type));
    assert.equal("receive" in socket, "readable" in socket);
    assert.equal("send" in socket, "writable" in socket);
  });

  test(`${type} refuses options that it does not know, and values that are wrong`, () => {
    const wrong: readonly (readonly [object, string])[] = [
      [{ sendHighWatermark: 1 }, "sendHighWatermark"],
      [{ maxMessageSize: -1 }, "-1"],
      [{ maxMessageSize: "1" }, "maxMessageSize"],
      [{ heartbeat: { intervall: 1 } }, "intervall"],
      [{ heartbeat: { interval: -1 } }, "-1"],
      [{ heartbeat: 100 }, "heartbeat"],
      [{ domain: 17 }, "domain"],
      [{ authenticate: true }, "authenticate"],
      [{ plain: {}, curve: {} }, "both plain and curve"],
      [{ plain: { user: "x" } }, "user"],
      [{ curve: { server: "yes" } }, "server"],
    ];
    for (const [options, part] of wrong) {
      assert.throws(() => make(options), spError("EINVAL", part), JSON.stringify(options));
    }
  });

  test(`${type} shows no secret in an error`, () => {
    const secrets: readonly object[] = [
      { plain: { username: "admin", password: ["hunter2"] } },
      { plain: { username: "admin", password: { hunter2: 1 } } },
      { plain: { server: true, users: { admin: ["hunter2"] } } },
      { plain: { server: true, users: "hunter2" } },
      { curve: { secretKey: "hunter2" } },
      { curve: { server: true, secretKey: { hunter2: 1 } } },
    ];
    for (const options of secrets) {
      assert.throws(() => make(options), (error) => {
        assert.ok(error instanceof SPError);
        assert.equal(error.code, "EINVAL");
        assert.doesNotMatch(`${error.message} ${error.stack}`, /hunter2/);
        return true;
      });
    }
  });
}

const OWN: Readonly<Record<string, readonly (readonly [object, readonly string[]])[]>> = {
  sendHighWaterMark: [[{ sendHighWaterMark: 10 }, [
    "DEALER",
    "PAIR",
    "PUB",
    "PUSH",
    "REP",
    "REQ",
    "ROUTER",
    "XPUB",
    "XSUB",
  ]]],
  receiveHighWaterMark: [[{ receiveHighWaterMark: 10 }, [
    "DEALER",
    "PAIR",
    "PULL",
    "REP",
    "REQ",
    "ROUTER",
    "SUB",
    "XPUB",
    "XSUB",
  ]]],
  immediate: [[{ immediate: true }, ["DEALER", "PAIR", "PUSH"]]],
  routingId: [[{ routingId: "x" }, ["DEALER", "REP", "REQ", "ROUTER"]]],
  probeRouter: [[{ probeRouter: true }, ["DEALER", "REQ", "ROUTER"]]],
  overflow: [[{ overflow: "drop-oldest" }, ["PUB", "ROUTER", "XPUB"]], [{ overflow: "block" }, [
    "PUB",
    "XPUB",
  ]]],
  subscribe: [[{ subscribe: "x" }, ["SUB"]]],
  subscriptionBuffer: [[{ subscriptionBuffer: 1000 }, ["PUB", "XPUB"]]],
  correlate: [[{ correlate: true }, ["REQ"]]],
  concurrency: [[{ concurrency: 1 }, ["REQ"]]],
  mandatory: [[{ mandatory: true }, ["ROUTER"]]],
  handover: [[{ handover: false }, ["ROUTER"]]],
  verbosity: [[{ verbosity: "allSubs" }, ["XPUB"]]],
  welcome: [[{ welcome: "hi" }, ["XPUB"]]],
};

for (const [option, cases] of Object.entries(OWN)) {
  test(`the option ${option} belongs to those sockets that heed it`, async () => {
    for (const [options, types] of cases) {
      for (const [type, make] of Object.entries(SOCKETS)) {
        if (types.includes(type)) await make(options).close();
        else assert.throws(() => make(options), spError("EINVAL", option), type);
      }
    }
  });
}

for (const { name, open } of SOME_TRANSPORTS) {
  test(`over ${name} sockets meet those of the types that may be opposite, and no others`, async () => {
    for (const [type, make] of Object.entries(SOCKETS)) {
      for (const [other, makeOther] of Object.entries(SOCKETS)) {
        await using place = await open();
        await using one = make();
        await using two = makeOther({ reconnectMin: 60_000 });
        const log = watch(one);
        await place.listen(one);
        const told = watch(two);
        place.dial(two);
        if (PAIRS[type]!.includes(other)) {
          const { peer } = await log.next("attached");
          assert.equal(peer.protocol, other.toLowerCase());
          assert.equal((await told.next("attached")).peer.protocol, type.toLowerCase());
          assert.equal(peer.metadata?.["Socket-Type"], other);
        } else {
          const { reason } = await log.next("rejected");
          assert.equal(reason.code, "EPROTO", `${type} and ${other}`);
          // Within a program it is the one who connects that looks first.
          const [theirs, ours] = name === "inproc" ? [type, other] : [other, type];
          assert.match(
            reason.message,
            new RegExp(`"${theirs}" socket; ${ours} needs `),
          );
        }
      }
    }
  });

  test(`SP and ZMTP over ${name} refuse each other, and the sockets live`, async () => {
    await using place = await open();
    await using pull = new Pull();
    const log = watch(pull);
    await place.listen(pull);
    await using stranger = new sp.Push({ reconnectMin: 60_000 });
    const told = watch(stranger);
    place.dial(stranger);
    const rejected = await Promise.race([
      log.next("rejected"),
      told.next("rejected"),
      told.next("connect-failed"),
    ]);
    assert.equal(rejected.reason.code, "EPROTO");
    await stranger.close();
    await using push = new Push();
    place.dial(push);
    await push.send("at home");
    assert.deepEqual(texts(await pull.receive({ signal: patience() })), ["at home"]);

    await using other = await open();
    await using spPull = new sp.Pull();
    const heard = watch(spPull);
    await other.listen(spPull);
    await using zmtp = new Push({ reconnectMin: 60_000 });
    const said = watch(zmtp);
    other.dial(zmtp);
    const refused = await Promise.race([heard.next("rejected"), said.next("connect-failed")]);
    assert.equal(refused.reason.code, "EPROTO");
  });

  test(`statistics over ${name} count a message once, and its bytes as the sum of its frames`, async () => {
    await using place = await open();
    await using push = new Push();
    await using pull = new Pull();
    await place.listen(pull);
    place.dial(push);
    const messages = [["a", "bc", ""], ["d"], [new Uint8Array(300), new Uint8Array(20_000), "e"]];
    for (const message of messages) await push.send(message);
    for (const { length } of messages) assert.equal((await pull.receive()).length, length);
    const bytes = 3 + 1 + 20_301;
    const [sent, heard] = [push.stats(), pull.stats()];
    assert.deepEqual([sent.messagesSent, sent.bytesSent], [3, bytes]);
    assert.deepEqual([heard.messagesReceived, heard.bytesReceived], [3, bytes]);
  });

  test(`statistics over ${name} are right when messages of a broadcast were dropped`, async () => {
    await using place = await open();
    await using pub = new Pub({ sendBuffer: 100_000 });
    await place.listen(pub);
    await using slow = new Sub({ subscribe: "", receiveBuffer: 1000 });
    place.dial(slow);
    await pub.subscribed("", { signal: patience() });
    const frames = ["topic", new Uint8Array(10_000), new Uint8Array(20_000)];
    let count = 0;
    for (; (pub.stats().drops.overflow ?? 0) < 5 && count < 10_000; count++) await pub.send(frames);
    const { messagesSent, bytesSent, drops } = pub.stats();
    assert.equal(bytesSent, messagesSent * 30_005);
    assert.equal(messagesSent + drops.overflow!, count, "sent, or dropped");
    for (let i = 0; i < messagesSent; i++) await slow.receive({ signal: patience() });
    await settled(() => slow.stats().messagesReceived);
    const heard = slow.stats();
    assert.deepEqual([heard.messagesReceived, heard.bytesReceived], [messagesSent, bytesSent]);
  });
}

const linux = process.platform === "linux" ? false : "only Linux has abstract names";

test("messages of several frames go over abstract names", { skip: linux }, async () => {
  const address = `abstract://nanostreams-zmtp-${crypto.randomUUID()}`;
  await using pull = new Pull();
  await pull.bind(address);
  await using push = new Push();
  push.connect(address);
  await push.send(["a", "", "b"]);
  assert.deepEqual(texts(await pull.receive({ signal: patience() })), ["a", "", "b"]);
});

test("an array of no frames, and one with what is no frame, is EINVAL", async () => {
  await using push = new Push();
  await assert.rejects(push.send([]), spError("EINVAL", "no frames"));
  for (const wrong of [[1], ["a", null], [["a"]], {}, null, undefined, 17]) {
    await assert.rejects(push.send(wrong as never), spError("EINVAL"), JSON.stringify(wrong));
  }
  assert.deepEqual(push.stats().drops, {});
});
