/** Who is let in: users and their passwords, and the hook with all that it may answer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Authenticate,
  Authentication,
  type AuthenticationAnswer,
  type AuthenticationRequest,
  type Deciders,
} from "../../../zmtp/mechanisms/authentication.ts";
import type { MechanismName } from "../../../zmtp/mechanisms/mechanism.ts";
import { equalSecrets } from "../../../zmtp/mechanisms/secrets.ts";
import { hex, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { PUBLIC, SERVER_TEXT } from "../helpers/vectors.ts";

const CREDENTIALS: Readonly<Record<MechanismName, readonly Uint8Array<ArrayBuffer>[]>> = {
  NULL: [],
  PLAIN: [utf8("admin"), utf8("secret")],
  CURVE: [PUBLIC.server],
};

function about(mechanism: MechanismName, deciders: Deciders): Authentication {
  const identity = utf8("me");
  return new Authentication(deciders, {
    domain: "global",
    address: "tcp://a:1",
    identity,
    mechanism,
  });
}

test("the hook is told who asks, and what it proves it with", async () => {
  const requests: AuthenticationRequest[] = [];
  const authenticate: Authenticate = (request) => requests.push(request) > 0;
  for (const mechanism of ["NULL", "PLAIN", "CURVE"] as const) {
    const asked = about(mechanism, { authenticate });
    assert.deepEqual(await asked.authenticate(CREDENTIALS[mechanism]), { status: 200 });
  }
  const common = { domain: "global", address: "tcp://a:1", identity: utf8("me") };
  const [plain, curve] = [CREDENTIALS.PLAIN, CREDENTIALS.CURVE];
  assert.deepEqual(requests, [
    { ...common, mechanism: "NULL", credentials: [] },
    {
      ...common,
      mechanism: "PLAIN",
      credentials: plain,
      username: "admin",
      password: "secret",
    },
    { ...common, mechanism: "CURVE", credentials: curve, publicKey: SERVER_TEXT },
  ]);
});

test("true, false, the four numbers and an object are answers, at once or later", async () => {
  const answers: readonly [AuthenticationAnswer, number][] = [
    [true, 200],
    [false, 400],
    [200, 200],
    [300, 300],
    [400, 400],
    [500, 500],
    [{ status: 200 }, 200],
    [{ status: 300 }, 300],
  ];
  for (const [answer, status] of answers) {
    for (const authenticate of [() => answer, () => Promise.resolve(answer)]) {
      assert.equal((await about("NULL", { authenticate }).authenticate([])).status, status);
    }
  }
});

test("user id and metadata are kept", async () => {
  const answer = { status: 200, userId: "u1", metadata: { role: "admin" } } as const;
  const asked = about("NULL", { authenticate: () => answer });
  await asked.authenticate([]);
  assert.equal(asked.userId, "u1");
  assert.deepEqual(asked.metadata, { role: "admin" });
});

test("a hook that throws refuses the peer with 500, and its error is the cause", async () => {
  const boom = new Error("boom");
  const hooks: Authenticate[] = [() => Promise.reject(boom), () => {
    throw boom;
  }];
  for (const authenticate of hooks) {
    const { status, reason } = await about("NULL", { authenticate }).authenticate([]);
    assert.equal(status, 500);
    spError("EREJECTED", "boom")(reason);
    assert.equal(reason?.cause, boom);
  }
});

test("an answer that is none refuses the peer with 500, and is named", async () => {
  const wrong: readonly [unknown, string][] = [
    [undefined, "undefined"],
    [null, "null"],
    ["yes", '"yes"'],
    [201, "201"],
    [{}, "status undefined"],
    [{ status: "200" }, 'status "200"'],
    [{ status: true }, "status true"],
    [{ status: 200, userId: 7 }, "userId 7"],
    [{ status: 200, metadata: "x" }, 'metadata "x"'],
    [{ status: 200, metadata: { a: 1 } }, "metadata an object"],
  ];
  for (const [answer, shown] of wrong) {
    const asked = about("NULL", { authenticate: () => answer as boolean });
    const { status, reason } = await asked.authenticate([]);
    assert.equal(status, 500, shown);
    spError("EREJECTED", shown, "expected")(reason);
    assert.equal(asked.userId, undefined);
    assert.deepEqual(asked.metadata, {});
  }
});

test("with users, name and password have to be right", async () => {
  const users = { admin: "secret", guest: "" };
  const verdict = async (name: Uint8Array<ArrayBuffer>, password: string) =>
    (await about("PLAIN", { users }).authenticate([name, utf8(password)])).status;
  assert.equal(await verdict(utf8("admin"), "secret"), 200);
  assert.equal(await verdict(utf8("guest"), ""), 200);
  assert.equal(await verdict(utf8("admin"), "secre"), 400);
  assert.equal(await verdict(utf8("admin"), "secrets"), 400);
  assert.equal(await verdict(utf8("admin"), ""), 400);
  assert.equal(await verdict(utf8("nobody"), "secret"), 400);
  assert.equal(await verdict(utf8("nobody"), ""), 400);
  assert.equal(await verdict(utf8("toString"), ""), 400);
  assert.equal(await verdict(utf8("__proto__"), ""), 400);
});

test("a name that is no UTF-8 is not taken for one with replacement characters", async () => {
  const users = { "\ufffd": "secret" };
  const asked = about("PLAIN", { users });
  assert.equal((await asked.authenticate([hex("ff"), utf8("secret")])).status, 400);
  assert.equal((await asked.authenticate([utf8("\ufffd"), utf8("secret")])).status, 200);
});

test("a refusal for a wrong password does not show it, and the name is the user id of a right one", async () => {
  const users = { admin: "secret" };
  const wrong = about("PLAIN", { users });
  const { reason } = await wrong.authenticate([utf8("admin"), utf8("guessed")]);
  spError("EREJECTED", "wrong username or password")(reason);
  assert.ok(!String(reason).includes("guessed") && !String(reason).includes("secret"));
  assert.equal(wrong.userId, undefined);
  const right = about("PLAIN", { users });
  await right.authenticate(CREDENTIALS.PLAIN);
  assert.equal(right.userId, "admin");
});

test("with users and a hook, the hook is asked about those whose password is right", async () => {
  let asked = 0;
  const deciders: Deciders = { users: { admin: "secret" }, authenticate: () => ++asked > 1 };
  const { status } = await about("PLAIN", deciders).authenticate([utf8("admin"), utf8("")]);
  assert.deepEqual([status, asked], [400, 0]);
  assert.equal((await about("PLAIN", deciders).authenticate(CREDENTIALS.PLAIN)).status, 400);
  assert.equal((await about("PLAIN", deciders).authenticate(CREDENTIALS.PLAIN)).status, 200);
});

test("secrets are equal if all bytes and the lengths are", () => {
  const equal = (one: string, other: string) => equalSecrets(utf8(one), utf8(other));
  assert.ok(equal("", "") && equal("a", "a") && equal("secret", "secret"));
  for (
    const [one, other] of [["", "a"], ["a", ""], ["ab", "a"], ["a", "aa"], ["aa", "a"], ["x", "y"]]
  ) {
    assert.ok(!equal(one!, other!), `${one} and ${other}`);
  }
});
