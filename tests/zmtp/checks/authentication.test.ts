/** Who decides about peers, with zeromq.js: our hook, and its ZAP handler. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { curveKeyPair, decodeZ85, Pull, Push } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { utf8 } from "../../helpers/bytes.ts";
import { includes } from "../helpers/frames.ts";
import { link, ourSide, ROLES, takeTexts, tapped } from "../helpers/link.ts";
import type { Wiretap } from "../helpers/wiretap.ts";
import { skip, type ZProcess } from "../peers/zeromq.ts";
import {
  ADMIN,
  AGAIN,
  curve,
  PLAIN_SERVER,
  type Sides,
  staysAway,
  zeromq,
} from "../helpers/credentials.ts";

interface Asked {
  readonly domain: string;
  readonly address: string;
  readonly mechanism: string;
  readonly credentials: readonly Uint8Array[];
  readonly username?: string;
  readonly password?: string;
  readonly publicKey?: string;
}

for (const role of ROLES) {
  // Check 37.
  test(`authenticate is asked about a peer by NULL if there is a domain when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    const asked: Asked[] = [];
    await using push = await z.socket("Push");
    await using pull = new Pull({
      domain: "tests",
      authenticate: (request) => {
        asked.push(request as Asked);
        return true;
      },
    });
    await link(role, pull, push);
    const [{ domain, address, mechanism, credentials }] = asked as [Asked];
    assert.deepEqual([domain, address, mechanism], ["tests", "127.0.0.1", "NULL"]);
    assert.deepEqual(credentials, []);
    assert.equal(asked.length, 1);
  });

  // Check 37.
  test(
    `authenticate is asked about name and password, and its words are the peer's, when we ${role}`,
    {
      skip,
    },
    async () => {
      const z = await zeromq();
      const asked: Asked[] = [];
      await using push = await z.socket("Push", ADMIN);
      await using pull = new Pull({
        domain: "tests",
        plain: { server: true },
        authenticate: (request) => {
          asked.push(request as Asked);
          return Promise.resolve({ status: 200, userId: "Alice", metadata: { "X-Level": "7" } });
        },
      });
      const events = new EventLog(pull);
      await link(role, pull, push);
      const [{ domain, address, mechanism, username, password, credentials }] = asked as [Asked];
      assert.deepEqual([domain, address, mechanism], ["tests", "127.0.0.1", "PLAIN"]);
      assert.deepEqual([username, password], ["admin", "secret"]);
      assert.deepEqual(credentials, [utf8("admin"), utf8("secret")]);
      const { peer } = await events.next("attached");
      assert.equal(peer.metadata?.["User-Id"], "Alice");
      assert.equal(peer.metadata?.["X-Level"], "7");
      assert.equal(peer.metadata?.["Socket-Type"], "PUSH");
    },
  );

  // Check 37.
  test(`authenticate is asked about the key of CURVE when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    const asked: Asked[] = [];
    const [client, server] = [await z.keys(), await curveKeyPair()];
    await using push = await z.socket("Push", {
      curveServerKey: server.publicKey,
      curvePublicKey: client.publicKey,
      curveSecretKey: client.secretKey,
    });
    await using pull = new Pull({
      domain: "tests",
      curve: { server: true, ...server },
      authenticate: (request) => {
        asked.push(request as Asked);
        return 200;
      },
    });
    await link(role, pull, push);
    const [{ domain, address, mechanism, publicKey, credentials }] = asked as [Asked];
    assert.deepEqual([domain, address, mechanism], ["tests", "127.0.0.1", "CURVE"]);
    assert.equal(publicKey, client.publicKey);
    assert.deepEqual(credentials, [decodeZ85(client.publicKey)]);
  });

  for (const [mechanism, options] of Object.entries(refusable())) {
    for (const status of [300, 400, 500] as const) {
      // Check 37.
      test(`authenticate refuses zeromq.js by ${mechanism} with ${status} when we ${role}`, {
        skip,
      }, async () => {
        const z = await zeromq();
        const { ours, theirs } = await options(z);
        await using push = await z.socket("Push", { ...theirs, reconnectInterval: 20 });
        let tries = 0;
        await using pull = new Pull({
          domain: "tests",
          ...ours,
          ...AGAIN,
          authenticate: () => ++tries === 1 ? status : 200,
        });
        const events = new EventLog(pull);
        await using tap = await tapped(role, pull, push);
        assert.equal((await events.next("rejected")).reason.code, "EREJECTED");
        if (status === 300) {
          // No word of it, and the next try succeeds.
          assert.ok(!includes(tap.said(ourSide(role)), "RROR"));
          await push.send("again");
          assert.deepEqual(await takeTexts(pull), ["again"]);
          assert.equal(tries, 2);
        } else if (role === "bind") {
          await tap.until(
            (seen) => includes(seen.said(ourSide(role)), `RROR\x03${status}`),
            "the refusal",
          );
          await staysAway(tap);
          assert.equal(tries, 1);
        }
      });
    }
  }
}

/** For each mechanism, options with us as the server. */
function refusable(): Record<string, (z: ZProcess) => Promise<Sides>> {
  return {
    NULL: () => Promise.resolve({ ours: {}, theirs: {} }),
    PLAIN: () => Promise.resolve({ ours: { plain: { server: true } }, theirs: ADMIN }),
    CURVE: (z) => curve("server", z),
  };
}

/** Connects to a PULL of zeromq.js's as a user whom its ZAP handler judges. */
async function asUser(
  username: string,
  judge: (events: EventLog, tap: Wiretap) => Promise<void>,
): Promise<void> {
  const z = await zeromq();
  await using pull = await z.socket("Pull", PLAIN_SERVER);
  const plain = { username, password: "" };
  await using push = new Push({ plain, handshakeTimeout: 300, ...AGAIN });
  const events = new EventLog(push);
  await using tap = await tapped("connect", push, pull);
  await judge(events, tap);
}

// Check 37.
test(
  "we try again when zeromq.js's ZAP handler answers 300",
  { skip },
  () =>
    asUser("later", async (events, tap) => {
      // libzmq is silent, or closes the connection if its handler was very quick.
      assert.match((await events.next("rejected")).reason.code, /^(ETIMEDOUT|EPROTO)$/);
      await tap.until(({ connections }) => connections >= 2, "another try");
      assert.deepEqual(events.of("gave-up"), []);
    }),
);

// Check 37.
test(
  "we give up when zeromq.js's ZAP handler answers 500",
  { skip },
  () =>
    asUser("broken", async (events) => {
      assert.equal((await events.next("gave-up")).reason.code, "EAUTH");
    }),
);
