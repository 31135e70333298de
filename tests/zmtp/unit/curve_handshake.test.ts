/** CURVE's handshake: the vectors, both ends against each other, and every way to get it wrong. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { loadBoxes } from "../../../zmtp/curve/boxes.ts";
import { CurveClient, CurveClientKeys } from "../../../zmtp/curve/curve_client.ts";
import { CurveServer } from "../../../zmtp/curve/curve_server.ts";
import { OwnKeys } from "../../../zmtp/curve/keys.ts";
import { nonceOf } from "../../../zmtp/curve/nonces.ts";
import type { MechanismStep, Verdict } from "../../../zmtp/mechanisms/mechanism.ts";
import { encodeMetadata } from "../../../zmtp/wire/metadata.ts";
import { concat, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import {
  clientRandom,
  COOKIE,
  HELLO,
  INITIATE,
  NONCE,
  PUBLIC,
  READY,
  SECRET,
  SERVER_TEXT,
  serverRandom,
  SHARED,
  times,
  WELCOME,
} from "../helpers/vectors.ts";

const PUSH = encodeMetadata([["Socket-Type", "PUSH"]]);
const PULL = encodeMetadata([["Socket-Type", "PULL"]]);

const boxes = await loadBoxes();

/** The client of the vectors. */
function client(serverKey: string | Uint8Array = SERVER_TEXT): CurveClient {
  const keys = new CurveClientKeys({ serverKey, secretKey: SECRET.client });
  return new CurveClient(keys, { metadata: PUSH }, clientRandom());
}

/** The server of the vectors. */
function server(
  authenticate?: (credentials: readonly Uint8Array[]) => Promise<Verdict>,
): CurveServer {
  const keys = new OwnKeys({ secretKey: SECRET.server });
  return new CurveServer(keys, { metadata: PULL, authenticate }, serverRandom());
}

function bytes(said: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
  assert.ok(said !== undefined, "nothing was said");
  return new Uint8Array(said);
}

function flipped(body: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  const changed = body.slice();
  changed[at]! ^= 0x20;
  return changed;
}

test("the client says HELLO and INITIATE of the vectors, and opens READY", async () => {
  const curve = client();
  assert.equal(curve.name, "CURVE");
  assert.equal(curve.isServer, false);
  assert.deepEqual(await curve.begin(), HELLO);
  assert.deepEqual(curve.receive(WELCOME), { say: INITIATE, isDone: false });
  assert.deepEqual(curve.receive(READY), { isDone: true, metadata: PULL });
});

test("the server says WELCOME and READY of the vectors, and opens INITIATE", async () => {
  const curve = server();
  assert.equal(curve.isServer, true);
  assert.equal(curve.begin(), undefined);
  assert.deepEqual(await curve.receive(HELLO), { say: WELCOME, isDone: false });
  const done = { say: READY, isDone: true, metadata: PUSH };
  assert.deepEqual(await curve.receive(INITIATE), done);
  assert.equal(curve.farewell(), undefined);
});

test("both ends agree with random keys, and with metadata of any size", async () => {
  for (const size of [0, 1, 300, 60_000]) {
    const own = new OwnKeys({});
    const serverKey = own.pair(boxes).publicKey;
    const metadata = encodeMetadata([["X-Size", times(7, size)]]);
    const one = new CurveClient(new CurveClientKeys({ serverKey }), { metadata });
    const other = new CurveServer(own, { metadata });
    let step: MechanismStep = await other.receive(bytes(await one.begin()));
    step = one.receive(bytes(step.say));
    step = await other.receive(bytes(step.say));
    assert.deepEqual([step.isDone, step.metadata], [true, metadata]);
    step = one.receive(bytes(step.say));
    assert.deepEqual([step.isDone, step.metadata, step.say], [true, metadata, undefined]);
  }
});

test("whoever decides gets the client's long-term key", async () => {
  const asked: unknown[] = [];
  const curve = server((credentials) => {
    asked.push(credentials);
    return Promise.resolve({ status: 200 });
  });
  await curve.receive(HELLO);
  assert.deepEqual(asked, []);
  assert.equal((await curve.receive(INITIATE)).isDone, true);
  assert.deepEqual(asked, [[PUBLIC.client]]);
});

test("a client that is refused for good is told so, others are told nothing", async () => {
  for (const [status, said] of [[300, undefined], [400, "400"], [500, "500"]] as const) {
    const curve = server(() => Promise.resolve({ status }));
    await curve.receive(HELLO);
    await assert.rejects(curve.receive(INITIATE), spError("EREJECTED", `${status}`));
    assert.deepEqual(curve.farewell(), said && utf8(`\x05ERROR\x03${said}`));
  }
});

test("the server's ERROR tells the client that it is refused", async () => {
  const curve = client();
  await curve.begin();
  assert.throws(() => curve.receive(utf8("\x05ERROR\x03400")), spError("EAUTH", '"400"'));
  curve.receive(WELCOME);
  assert.throws(() => curve.receive(utf8("\x05ERROR\x03500")), spError("EAUTH", '"500"'));
});

test("a client that expects another server is refused, and told nothing", async () => {
  const curve = server();
  const stranger = client(PUBLIC.client);
  const hello = bytes(await stranger.begin());
  await assert.rejects(curve.receive(hello), spError("EPROTO", "another server"));
  assert.equal(curve.farewell(), undefined);
});

test("a client does not take the WELCOME of another server", async () => {
  const curve = client(PUBLIC.client);
  await curve.begin();
  assert.throws(() => curve.receive(WELCOME), spError("EPROTO", "serverKey"));
});

test("a serverKey that is no public key is refused as an argument", async () => {
  await assert.rejects(client(times(0, 32)).begin(), spError("EINVAL", "serverKey"));
});

test("commands that are too long or too short are refused, by their size", async () => {
  for (const wrong of [HELLO.slice(0, 199), concat([HELLO, times(0, 1)])]) {
    const error = spError("EPROTO", "HELLO", `${wrong.length} bytes`, "200");
    await assert.rejects(server().receive(wrong), error);
  }
  const curve = client();
  await curve.begin();
  for (
    const wrong of [WELCOME.slice(0, 167), concat([WELCOME, times(0, 1)]), utf8("\x07WELCOME")]
  ) {
    const error = spError("EPROTO", "WELCOME", `${wrong.length} bytes`, "168");
    assert.throws(() => curve.receive(wrong), error);
  }
  curve.receive(WELCOME);
  assert.throws(() => curve.receive(READY.slice(0, 29)), spError("EPROTO", "29 bytes", "30"));
  const open = server();
  await open.receive(HELLO);
  await assert.rejects(open.receive(INITIATE.slice(0, 256)), spError("EPROTO", "256 bytes", "257"));
});

test("commands out of order are refused, by both names", async () => {
  await assert.rejects(server().receive(INITIATE), spError("EPROTO", '"INITIATE"', "HELLO"));
  await assert.rejects(server().receive(utf8("\x05ERROR\x00")), spError("EPROTO", '"ERROR"'));
  const open = server();
  await open.receive(HELLO);
  await assert.rejects(open.receive(HELLO), spError("EPROTO", '"HELLO"', "INITIATE"));
  const curve = client();
  await curve.begin();
  assert.throws(() => curve.receive(READY), spError("EPROTO", '"READY"', "WELCOME"));
  curve.receive(WELCOME);
  assert.throws(() => curve.receive(WELCOME), spError("EPROTO", '"WELCOME"', "READY"));
});

test("another version of CURVE is refused", async () => {
  const newer = HELLO.slice();
  newer[6] = 2;
  await assert.rejects(server().receive(newer), spError("EPROTO", "CURVE 2.0", "1.0"));
});

test("a flipped bit anywhere in a key, counter or box is noticed", async () => {
  for (const at of [80, 100, 119, 120, 150, 199]) {
    await assert.rejects(server().receive(flipped(HELLO, at)), spError("EPROTO"), `HELLO ${at}`);
  }
  for (const at of [8, 23, 24, 100, 167]) {
    const curve = client();
    await curve.begin();
    assert.throws(() => curve.receive(flipped(WELCOME, at)), spError("EPROTO"), `WELCOME ${at}`);
  }
  for (const at of [9, 104, 112, 113, 200, 276]) {
    const curve = server();
    await curve.receive(HELLO);
    await assert.rejects(curve.receive(flipped(INITIATE, at)), spError("EPROTO"), `INITIATE ${at}`);
  }
  for (const at of [13, 14, 29, 49]) {
    const curve = client();
    await curve.begin();
    curve.receive(WELCOME);
    assert.throws(() => curve.receive(flipped(READY, at)), spError("EPROTO"), `READY ${at}`);
  }
});

test("an INITIATE whose counter does not grow is refused", async () => {
  const curve = server();
  await curve.receive(HELLO);
  const again = INITIATE.slice();
  again[112] = 1;
  await assert.rejects(curve.receive(again), spError("EPROTO", "number 1", "more than 1"));
});

test("an INITIATE with the key of somebody else, or a vouch for another connection or server, is refused", async () => {
  const nonce = nonceOf("VOUCH---", NONCE.vouch);
  const vouchOf = (content: Uint8Array) =>
    boxes.seal(boxes.sharedKey(SECRET.client, PUBLIC.serverFresh), nonce, content);
  const right = concat([PUBLIC.clientFresh, PUBLIC.server]);
  const cases: readonly [Uint8Array, Uint8Array, boolean][] = [
    [PUBLIC.client, vouchOf(right), true],
    [PUBLIC.server, vouchOf(right), false],
    [PUBLIC.client, vouchOf(concat([PUBLIC.client, PUBLIC.server])), false],
    [PUBLIC.client, vouchOf(concat([PUBLIC.clientFresh, PUBLIC.client])), false],
    [times(0, 32), vouchOf(right), false],
  ];
  for (const [key, vouch, isRight] of cases) {
    const counter = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2);
    const content = concat([key, NONCE.vouch, vouch, PUSH]);
    const box = boxes.seal(SHARED, nonceOf("CurveZMQINITIATE", counter), content);
    const curve = server();
    await curve.receive(HELLO);
    const answer = curve.receive(concat([utf8("\x08INITIATE"), COOKIE, counter, box]));
    if (isRight) assert.equal((await answer).isDone, true);
    else await assert.rejects(answer, spError("EPROTO"));
  }
});
