/** PLAIN with zeromq.js. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, Pull, Push } from "../../../zmtp/mod.ts";
import { EventLog } from "../../conformance/events_log.ts";
import { includes } from "../helpers/frames.ts";
import { link, ourSide, ROLES, takeTexts, tapped } from "../helpers/link.ts";
import { skip } from "../peers/zeromq.ts";
import {
  ADMIN,
  AGAIN,
  CREDENTIALS,
  GUESS,
  PLAIN_SERVER,
  SERVER,
  staysAway,
  WRONG,
  zeromq,
} from "../helpers/credentials.ts";

for (const role of ROLES) {
  // Check 34.
  test(`zeromq.js takes our name and password when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Pair", PLAIN_SERVER);
    await using ours = new Pair({ plain: CREDENTIALS });
    await link(role, ours, theirs);
    await ours.send(["to", "them"]);
    assert.deepEqual(await theirs.texts(), ["to|them"]);
    await theirs.send("to us");
    assert.deepEqual(await takeTexts(ours), ["to us"]);
  });

  // Check 34.
  test(`we take zeromq.js's name and password when we ${role}`, { skip }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Pair", ADMIN);
    await using ours = new Pair({ plain: SERVER });
    await link(role, ours, theirs);
    await ours.send(["to", "them"]);
    assert.deepEqual(await theirs.texts(), ["to|them"]);
    await theirs.send("to us");
    assert.deepEqual(await takeTexts(ours), ["to us"]);
  });

  // Check 34.
  test(`zeromq.js does not come back after we have refused its password when we ${role}`, {
    skip,
  }, async () => {
    const z = await zeromq();
    await using theirs = await z.socket("Push", { ...GUESS, reconnectInterval: 20 });
    await using ours = new Pull({ plain: SERVER, reconnectMin: 60_000, reconnectMax: 60_000 });
    const events = new EventLog(ours);
    await using tap = await tapped(role, ours, theirs);
    const { reason, count } = await events.next("rejected");
    assert.equal(reason.code, "EREJECTED");
    assert.equal(count, 1);
    await tap.until(
      (seen) => includes(seen.said(ourSide(role)), "RROR\x03400"),
      "the refusal",
    );
    await staysAway(tap);
    // Others are let in.
    await using good = await z.socket("Push", ADMIN);
    await good.connect((await ours.bind("tcp://127.0.0.1:0")).address);
    await good.send("good");
    assert.deepEqual(await takeTexts(ours), ["good"]);
  });
}

// Check 34.
test("we give up when zeromq.js refuses our password, and say so", { skip }, async () => {
  const z = await zeromq();
  await using theirs = await z.socket("Pull", PLAIN_SERVER);
  await using ours = new Push({ plain: WRONG, ...AGAIN });
  const events = new EventLog(ours);
  await using tap = await tapped("connect", ours, theirs);
  const { reason } = await events.next("gave-up");
  assert.equal(reason.code, "EAUTH");
  assert.match(reason.message, /400/);
  assert.equal(tap.connections, 1);
  assert.ok(includes(tap.said("listener"), "\x5eRROR\x03400"));
});

// Check 34.
test("we tell that zeromq.js refuses our password when it connects to us", { skip }, async () => {
  const z = await zeromq();
  await using theirs = await z.socket("Pull", PLAIN_SERVER);
  await using ours = new Push({ plain: WRONG });
  const events = new EventLog(ours);
  await using _tap = await tapped("bind", ours, theirs);
  assert.equal((await events.next("rejected")).reason.code, "EAUTH");
});
