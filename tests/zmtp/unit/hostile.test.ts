/** Whatever a peer sends: mechanisms throw nothing but an SPError, and encrypted connections nothing at all. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SPError } from "../../../src/base/errors.ts";
import { CurveClient, CurveClientKeys } from "../../../zmtp/curve/curve_client.ts";
import { CurveServer } from "../../../zmtp/curve/curve_server.ts";
import { OwnKeys } from "../../../zmtp/curve/keys.ts";
import type { Mechanism, MechanismContext } from "../../../zmtp/mechanisms/mechanism.ts";
import { NullMechanism } from "../../../zmtp/mechanisms/null.ts";
import { PlainClient, PlainServer } from "../../../zmtp/mechanisms/plain.ts";
import { parseMetadata } from "../../../zmtp/wire/metadata.ts";
import { concat, utf8 } from "../../helpers/bytes.ts";
import { frame } from "../helpers/frames.ts";
import { openEnd } from "../helpers/secured.ts";
import {
  clientRandom,
  HELLO,
  INITIATE,
  MESSAGE_A,
  MESSAGE_HELLO,
  PUBLIC,
  READY,
  SECRET,
  serverRandom,
  WELCOME,
} from "../helpers/vectors.ts";

const CONTEXT: MechanismContext = {
  metadata: new Uint8Array(0),
  authenticate: () => Promise.resolve({ status: 200 }),
};

const MECHANISMS: Readonly<Record<string, () => Mechanism>> = {
  "NULL": () => new NullMechanism(CONTEXT),
  "PLAIN client": () => new PlainClient({ username: "u", password: "p" }, CONTEXT),
  "PLAIN server": () => new PlainServer(CONTEXT),
  "CURVE client": () => {
    const keys = { serverKey: PUBLIC.server, secretKey: SECRET.client };
    return new CurveClient(new CurveClientKeys(keys), CONTEXT, clientRandom());
  },
  "CURVE server": () =>
    new CurveServer(new OwnKeys({ secretKey: SECRET.server }), CONTEXT, serverRandom()),
};

const GOOD = [
  ...[
    "\x05READY",
    "\x05HELLO\x01u\x01p",
    "\x07WELCOME",
    "\x08INITIATE",
    "\x05ERROR\x03400",
    "^RROR\x03400",
  ]
    .map(utf8),
  HELLO,
  WELCOME,
  INITIATE,
  READY,
];

/** A good command, perhaps with changed, missing or further bytes; or any bytes. */
const command = fc.oneof(
  fc.constantFrom(...GOOD),
  fc.tuple(fc.constantFrom(...GOOD), fc.nat(300), fc.nat(255)).map(([body, at, byte]) => {
    const changed = body.slice();
    changed[at % body.length] = byte;
    return changed;
  }),
  fc.tuple(fc.constantFrom(...GOOD), fc.nat(300)).map(([body, end]) => body.slice(0, end)),
  fc.tuple(fc.constantFrom(...GOOD), fc.uint8Array()).map(([body, more]) => concat([body, more])),
  fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
);

for (const [name, make] of Object.entries(MECHANISMS)) {
  test(`${name} answers whatever comes, or throws an SPError`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 3 }), async (bodies) => {
        const mechanism = make();
        await mechanism.begin();
        for (const body of bodies) {
          try {
            const { isDone } = await mechanism.receive(body);
            if (isDone) return;
          } catch (error) {
            assert.ok(error instanceof SPError, String(error));
            assert.ok(["EPROTO", "EAUTH"].includes(error.code), error.message);
            assert.equal(mechanism.farewell?.(error), undefined);
            return;
          }
        }
      }),
      { numRuns: 200 },
    );
  });
}

test("metadata is read, or refused with an SPError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        parseMetadata(new Uint8Array(bytes)).toRecord();
      } catch (error) {
        assert.ok(error instanceof SPError && error.code === "EPROTO", String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("an encrypted connection delivers only what was sealed, or ends with EPROTO or EMSGSIZE", () => {
  const wire = concat([MESSAGE_HELLO, MESSAGE_A].map((body) => frame(0, body)));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
        fc.tuple(fc.nat(wire.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
          const changed = wire.slice();
          changed[at]! ^= bits;
          return changed;
        }),
      ),
      fc.integer({ min: 1, max: 80 }),
      (bytes, size) => {
        const { mock, sink } = openEnd("S", { limit: 1000 });
        for (let at = 0; at < bytes.length; at += size) mock.deliver(bytes.slice(at, at + size));
        const texts = sink.frames.map(({ body }) => new TextDecoder().decode(body));
        assert.ok(texts.every((text) => text === "hello"), String(texts));
        const code = sink.reason?.code;
        assert.ok(code === undefined || code === "EPROTO" || code === "EMSGSIZE", code);
      },
    ),
    { numRuns: 2000 },
  );
});
