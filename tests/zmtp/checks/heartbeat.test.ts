/** Heartbeats with zeromq.js, and with a peer by hand. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, Pull, Push, Rep, Req } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { concat, hex, utf8 } from "../../helpers/bytes.ts";
import { assertBytes, type Frame, framesBehindGreeting, includes } from "../helpers/frames.ts";
import {
  comesAgain,
  linkTapped,
  ourSide,
  patiently,
  RawPlace,
  type Role,
  ROLES,
  takeTexts,
  theirSide,
} from "../helpers/link.ts";
import type { Wiretap } from "../helpers/wiretap.ts";
import { sharedProcess, skip, type ZProcess } from "../peers/zeromq.ts";

const zeromq = sharedProcess();
const PONG = "\x04PONG";

function countPongs(tap: Wiretap, side: "dialer" | "listener"): number {
  const isPong = ({ body }: Frame): boolean => body.length === 5 && includes(body, PONG);
  return framesBehindGreeting(tap.said(side)).filter(isPong).length;
}

/** What a mechanism needs on both sides, and how to see that a PONG came by. */
interface Security {
  readonly name: string;
  ours(role: Role): object;
  theirs(role: Role): Readonly<Record<string, unknown>>;
  /** Frames that one side has sent since the handshake that may be PONGs. */
  pongs(tap: Wiretap, side: "dialer" | "listener"): number;
}

async function securities(z: ZProcess): Promise<Security[]> {
  await z.zap([{ status: "200" }]);
  const server = await z.keys();
  const client = await z.keys();
  // We are the server when we bind.
  return [
    { name: "NULL", ours: () => ({}), theirs: () => ({}), pongs: countPongs },
    {
      name: "PLAIN",
      ours: (role) => ({
        plain: role === "bind"
          ? { server: true, users: { u: "p" } }
          : { username: "u", password: "p" },
      }),
      theirs: (role) =>
        role === "bind"
          ? { plainUsername: "u", plainPassword: "p" }
          : { plainServer: true, zapDomain: "global" },
      pongs: countPongs,
    },
    {
      name: "CURVE",
      ours: (role) => ({
        curve: role === "bind"
          ? { server: true, ...server }
          : { serverKey: server.publicKey, ...client },
      }),
      theirs: (role) =>
        role === "bind"
          ? {
            curveServerKey: server.publicKey,
            curvePublicKey: client.publicKey,
            curveSecretKey: client.secretKey,
          }
          : { curveServer: true, curveSecretKey: server.secretKey },
      // "\x07MESSAGE", a counter, and a box of flags and "\x04PONG".
      pongs: (tap, side) =>
        framesBehindGreeting(tap.said(side)).filter(({ body }) => body.length === 8 + 8 + 16 + 6)
          .length,
    },
  ];
}

const MECHANISMS = ["NULL", "PLAIN", "CURVE"];
let prepared: Promise<Security[]> | undefined;

async function security(name: string): Promise<Security> {
  prepared ??= securities(await zeromq());
  return (await prepared).find((one) => one.name === name)!;
}

for (const role of ROLES) {
  // Check 32.
  test(
    `our heartbeat ends a connection whose other end has vanished, and the next stands, when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      await using push = await z.socket("Push", { reconnectInterval: 20 });
      await using pull = new Pull({
        heartbeat: { interval: 100, timeout: 300 },
        reconnectMin: 20,
        reconnectMax: 50,
      });
      const events = new EventLog(pull);
      await using tap = await linkTapped(role, pull, push);
      tap.stall();
      const { reason } = await events.next("detached");
      assert.equal(reason?.code, "ETIMEDOUT");
      tap.cut();
      tap.resume();
      await events.next("attached", () => events.of("attached").length >= 2);
      await comesAgain(push);
      await push.send("still here");
      assert.deepEqual(await takeTexts(pull), ["still here"]);
    },
  );

  for (const name of MECHANISMS) {
    // Check 32.
    test(`our socket answers zeromq.js's heartbeats over ${name} while idle when we ${role}`, {
      skip,
    }, async () => {
      const z = await zeromq();
      const { ours, theirs, pongs } = await security(name);
      await using push = await z.socket("Push", {
        heartbeatInterval: 20,
        heartbeatTimeout: 3000,
        heartbeatTimeToLive: 3000,
        ...theirs(role),
      });
      await using pull = new Pull(ours(role));
      const events = new EventLog(pull);
      await using tap = await linkTapped(role, pull, push);
      await tap.until((seen) => pongs(seen, ourSide(role)) >= 20, "20 PONGs");
      assert.deepEqual(events.of("detached"), []);
      assert.equal(tap.connections, 1);
      await push.send("alive");
      assert.deepEqual(await takeTexts(pull), ["alive"]);
    });

    // Check 32.
    test(`zeromq.js answers our heartbeats over ${name} while idle when we ${role}`, {
      skip,
    }, async () => {
      const z = await zeromq();
      const { ours, theirs, pongs } = await security(name);
      await using pull = await z.socket("Pull", theirs(role));
      await using push = new Push({
        heartbeat: { interval: 20, ttl: 3000, timeout: 3000 },
        ...ours(role),
      });
      const events = new EventLog(push);
      await using tap = await linkTapped(role, push, pull);
      await tap.until((seen) => pongs(seen, theirSide(role)) >= 20, "20 PONGs");
      assert.deepEqual(events.of("detached"), []);
      assert.equal(tap.connections, 1);
      await push.send("alive");
      assert.deepEqual(await pull.texts(), ["alive"]);
    });
  }

  // Check 32.
  test(`heartbeats both ways do not disturb REQ and REP when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    const heartbeats = { heartbeatInterval: 20, heartbeatTimeout: 3000 };
    const heartbeat = { interval: 20, timeout: 3000 };
    await using theirReq = await z.socket("Request", heartbeats);
    await using ourRep = new Rep({ heartbeat });
    await using theirRep = await z.socket("Reply", heartbeats);
    await using ourReq = new Req({ heartbeat });
    const asked = await linkTapped(role, ourRep, theirReq);
    const asks = await linkTapped(role, ourReq, theirRep);
    try {
      for (let i = 1; i <= 3; i++) {
        await theirReq.send(`a${i}`);
        assert.deepEqual(await takeTexts(ourRep), [`a${i}`]);
        const asking = ourReq.request(`b${i}`);
        assert.deepEqual(await theirRep.texts(), [`b${i}`]);
        // Both wait for their replies while heartbeats go to and fro.
        for (const tap of [asked, asks]) {
          for (const side of ["dialer", "listener"] as const) {
            await tap.until((seen) => countPongs(seen, side) >= 5 * i, "PONGs");
          }
        }
        await ourRep.send(`A${i}`);
        assert.deepEqual(await theirReq.texts(), [`A${i}`]);
        await theirRep.send(`B${i}`);
        assert.equal(String.fromCharCode(...(await asking)[0]!), `B${i}`);
      }
      assert.deepEqual([asked.connections, asks.connections], [1, 1]);
    } finally {
      await asked[Symbol.asyncDispose]();
      await asks[Symbol.asyncDispose]();
    }
  });

  // Check 33.
  test(`our socket answers PING with what came in it, and ends the connection after its ttl, when we ${role}`, async () => {
    await using pair = new Pair({ reconnectMin: 20, reconnectMax: 50 });
    const events = new EventLog(pair);
    await using place = await RawPlace.open(role, pair);
    const raw = await place.next();
    await raw.shake("PAIR", { minor: role === "bind" ? 1 : 0 });
    await raw.send(hex("04 17 04 50494e47 0000"), utf8("0123456789abcdef"));
    assertBytes(await raw.take(23), concat([hex("04 15 04 504f4e47"), utf8("0123456789abcdef")]));
    // More than 16 bytes are cut.
    await raw.command("PING", concat([hex("0000"), utf8("0123456789abcdefghijk")]));
    assertBytes(await raw.take(23), concat([hex("04 15 04 504f4e47"), utf8("0123456789abcdef")]));
    // A PING that is too short does no harm.
    for (const short of ["", "\x00"]) await raw.command("PING", short);
    await raw.command("PING", hex("0000"));
    let pong = await raw.nextCommand();
    while (raw.unread.length > 0) pong = await raw.nextCommand();
    assertBytes(pong, utf8(PONG));
    // It may come between the frames of a message.
    await raw.send(hex("01 01 61"), hex("04 07 04 50494e47 0000"), hex("00 01 62"));
    assertBytes(await raw.take(7), hex("04 05 04 504f4e47"));
    assert.deepEqual(await takeTexts(pair), ["a|b"]);

    await raw.command("PING", hex("0005"));
    assertBytes(await raw.take(7), hex("04 05 04 504f4e47"));
    const start = performance.now();
    await patiently(raw.closed(), "the end of the connection");
    assert.ok(performance.now() - start > 400, "the connection ended early");
    assert.equal((await events.next("detached")).reason?.code, "ETIMEDOUT");
  });
}
