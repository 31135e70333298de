/** PLAIN: the commands of both ends, and every way to get them wrong. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MechanismContext, Verdict } from "../../../zmtp/mechanisms/mechanism.ts";
import { PlainClient, PlainServer } from "../../../zmtp/mechanisms/plain.ts";
import { concat, hex, text, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";

const CONTEXT: MechanismContext = { metadata: utf8("ours") };

function client(username = "admin", password = "secret"): PlainClient {
  return new PlainClient({ username, password }, CONTEXT);
}

function server(verdict: Verdict = { status: 200 }): { server: PlainServer; asked: string[][] } {
  const asked: string[][] = [];
  const authenticate = (credentials: readonly Uint8Array[]) => {
    asked.push(credentials.map(text));
    return Promise.resolve(verdict);
  };
  return { server: new PlainServer({ ...CONTEXT, authenticate }), asked };
}

test("a client says HELLO and INITIATE as libzmq does, and is done with READY", () => {
  const plain = client();
  assert.equal(plain.isServer, false);
  assert.deepEqual(plain.begin(), hex("05 48454c4c4f 05 61646d696e 06 736563726574"));
  const initiate = plain.receive(hex("07 57454c434f4d45"));
  assert.deepEqual(initiate, { say: utf8("\x08INITIATEours"), isDone: false });
  const done = plain.receive(utf8("\x05READYtheirs"));
  assert.deepEqual(done, { isDone: true, metadata: utf8("theirs") });
});

test("a server asks for name and password, and says WELCOME and READY", async () => {
  const { server: plain, asked } = server();
  assert.equal(plain.isServer, true);
  assert.equal(plain.begin(), undefined);
  const welcome = await plain.receive(hex("05 48454c4c4f 05 61646d696e 06 736563726574"));
  assert.deepEqual(welcome, { say: hex("07 57454c434f4d45"), isDone: false });
  assert.deepEqual(asked, [["admin", "secret"]]);
  const done = await plain.receive(utf8("\x08INITIATEtheirs"));
  assert.deepEqual(done, {
    say: utf8("\x05READYours"),
    isDone: true,
    metadata: utf8("theirs"),
  });
  assert.equal(plain.farewell(), undefined);
});

test("names and passwords may be empty, and have 255 bytes at most", async () => {
  for (const [name, password] of [["", ""], ["ü".repeat(127), "p".repeat(255)]] as const) {
    const { server: plain, asked } = server();
    await plain.receive(client(name, password).begin() as Uint8Array<ArrayBuffer>);
    assert.deepEqual(asked, [[name, password]]);
  }
  const long = "ü".repeat(128);
  assert.throws(() => client(long), spError("EINVAL", "username", "256 bytes", "255"));
  assert.throws(() => client("a", long), (error) => {
    spError("EINVAL", "password", "256 bytes")(error);
    return !String(error).includes(long);
  });
});

test("a client takes libzmq's malformed ERROR, and the well-formed one", () => {
  for (const error of ["5e 52524f52 03 343030", "05 4552524f52 03 343030"]) {
    assert.throws(() => client().receive(hex(error)), spError("EAUTH", '"400"'));
    const late = client();
    late.receive(utf8("\x07WELCOME"));
    assert.throws(() => late.receive(hex(error)), spError("EAUTH", '"400"'));
  }
  assert.throws(() => client().receive(hex("5e 52524f52 03 3430")), spError("EPROTO", "2 bytes"));
  assert.throws(() => client().receive(hex("5e 52524f52")), spError("EPROTO", "no reason"));
});

test("a refused client is told so the way libzmq's clients understand it", async () => {
  for (const status of [400, 500] as const) {
    const { server: plain } = server({ status });
    const hello = client().begin() as Uint8Array<ArrayBuffer>;
    await assert.rejects(plain.receive(hello), spError("EREJECTED", `${status}`));
    assert.deepEqual(plain.farewell(), utf8(`^RROR\x03${status}`));
    assert.throws(
      () => client().receive(plain.farewell() as Uint8Array<ArrayBuffer>),
      spError("EAUTH", `${status}`),
    );
  }
});

test("a client that may try again later is told nothing", async () => {
  const { server: plain } = server({ status: 300 });
  const hello = client().begin() as Uint8Array<ArrayBuffer>;
  await assert.rejects(plain.receive(hello), spError("EREJECTED", "300"));
  assert.equal(plain.farewell(), undefined);
});

test("a server without users and without a hook lets nobody in", async () => {
  const plain = new PlainServer(CONTEXT);
  const hello = client().begin() as Uint8Array<ArrayBuffer>;
  await assert.rejects(plain.receive(hello), spError("EREJECTED", "no users"));
  assert.deepEqual(plain.farewell(), utf8("^RROR\x03400"));
});

test("every malformed HELLO is refused, and says what is wrong with it", async () => {
  const wrong: readonly [string, string][] = [
    ["", "without a username"],
    ["01", "within the username: 0 of 1"],
    ["05 6162", "within the username: 2 of 5"],
    ["01 61", "without a password"],
    ["01 61 03 6262", "within the password: 2 of 3"],
    ["01 61 01 62 63", "1 bytes behind the password"],
    ["00 00 00", "1 bytes behind the password"],
  ];
  for (const [data, why] of wrong) {
    const { server: plain, asked } = server();
    const hello = concat([utf8("\x05HELLO"), hex(data)]);
    await assert.rejects(plain.receive(hello), spError("EPROTO", why));
    assert.equal(asked.length, 0);
    assert.equal(plain.farewell(), undefined);
  }
});

test("a WELCOME with anything behind it is refused", () => {
  const plain = client();
  assert.throws(() => plain.receive(utf8("\x07WELCOME!")), spError("EPROTO", "1 bytes", "WELCOME"));
});

test("a command that is not the next one is refused, by both names", async () => {
  assert.throws(
    () => client().receive(utf8("\x05READY")),
    spError("EPROTO", '"READY"', "expected WELCOME"),
  );
  const welcomed = client();
  welcomed.receive(utf8("\x07WELCOME"));
  assert.throws(
    () => welcomed.receive(utf8("\x07WELCOME")),
    spError("EPROTO", '"WELCOME"', "expected READY"),
  );
  const { server: plain } = server();
  await assert.rejects(plain.receive(utf8("\x08INITIATE")), spError("EPROTO", "expected HELLO"));
  await assert.rejects(plain.receive(utf8("\x05ERROR\x00")), spError("EPROTO", '"ERROR"'));
  await plain.receive(client().begin() as Uint8Array<ArrayBuffer>);
  await assert.rejects(
    plain.receive(client().begin() as Uint8Array<ArrayBuffer>),
    spError("EPROTO", '"HELLO"', "expected INITIATE"),
  );
  await assert.rejects(plain.receive(utf8("\x09INITIATE")), spError("EPROTO", "name of 9"));
  await assert.rejects(plain.receive(utf8("")), spError("EPROTO", "without a name"));
});
