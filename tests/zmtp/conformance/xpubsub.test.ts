/** XPUB and XSUB: who is told, and what is said again. */

import { spError } from "../../helpers/errors.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pub, Sub, XPub, XSub } from "../../../zmtp/mod.ts";
import { patience, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { next, said } from "../helpers/said.ts";
import { SOME_TRANSPORTS } from "./places.ts";

const SOON = { reconnectMin: 5, reconnectMax: 50 };

for (const { name, open } of SOME_TRANSPORTS) {
  test(`an XPUB over ${name} tells of the first subscription to a prefix, and of the end of the last`, async () => {
    await using place = await open();
    await using pub = new XPub();
    await place.listen(pub);
    await using one = new Sub({ subscribe: "a" });
    const two = new Sub({ subscribe: ["a", "b"] });
    place.dial(one);
    assert.deepEqual(await next(pub, 1), ["+a"]);
    place.dial(two);
    assert.deepEqual(await next(pub, 1), ["+b"]);
    one.unsubscribe("a");
    one.subscribe("c");
    assert.deepEqual(await next(pub, 1), ["+c"]);
    await two.close();
    assert.deepEqual((await next(pub, 2)).sort(), ["-a", "-b"]);
  });

  test(`an XPUB over ${name} by allSubs tells of every subscription, and of the last end`, async () => {
    await using place = await open();
    await using pub = new XPub({ verbosity: "allSubs" });
    await place.listen(pub);
    await using one = new Sub({ subscribe: "a" });
    await using two = new Sub({ subscribe: "a" });
    place.dial(one);
    assert.deepEqual(await next(pub, 1), ["+a"]);
    place.dial(two);
    assert.deepEqual(await next(pub, 1), ["+a"]);
    one.unsubscribe("a");
    one.subscribe("b");
    assert.deepEqual(await next(pub, 1), ["+b"]);
    two.unsubscribe("a");
    assert.deepEqual(await next(pub, 1), ["-a"]);
  });

  test(`an XPUB over ${name} by allSubsUnsubs tells of every end, also of peers that have left`, async () => {
    await using place = await open();
    await using pub = new XPub({ verbosity: "allSubsUnsubs" });
    await place.listen(pub);
    await using one = new Sub({ subscribe: ["a", "b"] });
    const two = new Sub({ subscribe: ["a", "b"] });
    place.dial(one);
    assert.deepEqual(await next(pub, 2), ["+a", "+b"]);
    place.dial(two);
    assert.deepEqual(await next(pub, 2), ["+a", "+b"]);
    one.unsubscribe("a");
    assert.deepEqual(await next(pub, 1), ["-a"]);
    await two.close();
    assert.deepEqual((await next(pub, 2)).sort(), ["-a", "-b"]);
  });

  test(`an XPUB over ${name} welcomes each peer, whatever it has subscribed to`, async () => {
    await using place = await open();
    await using pub = new XPub({ welcome: "welcome" });
    await place.listen(pub);
    await using sub = new XSub();
    place.dial(sub);
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["welcome"]);
  });

  test(`an XSUB over ${name} subscribes again when it connects again, and says each prefix once`, async () => {
    await using place = await open();
    const first = new XPub({ verbosity: "allSubsUnsubs" });
    await place.listen(first);
    await using sub = new XSub(SOON);
    const log = watch(sub);
    await sub.send(said(1, "early"));
    place.dial(sub);
    assert.deepEqual(await next(first, 1), ["+early"]);
    for (const prefix of ["a", "a", "b"]) await sub.send(said(1, prefix));
    await sub.send(said(0, "never"));
    await sub.send(said(0, "a"));
    await sub.send(said(0, "b"));
    assert.deepEqual(await next(first, 3), ["+a", "+b", "-b"]);
    await first.close();
    await log.next("detached");
    await using second = new XPub({ verbosity: "allSubsUnsubs" });
    await place.listen(second);
    assert.deepEqual((await next(second, 2)).sort(), ["+a", "+early"]);
    await sub.send(said(0, "a"));
    assert.deepEqual(await next(second, 1), ["-a"]);
  });

  test(`a PUB and an XPUB over ${name} take a subscription by its first frame, and no more of it`, async () => {
    await using place = await open();
    await using sub = new XSub();
    await place.listen(sub);
    await using pub = new Pub();
    await using xpub = new XPub();
    place.dial(pub);
    place.dial(xpub);
    await sub.peers(2, { signal: patience() });
    await sub.send([said(1, "a"), said(1, "b")]);
    await sub.send(said(1, "c"));
    assert.deepEqual(await next(xpub, 2), ["+a", "+c"]);
    await pub.subscribed("c", { signal: patience() });
    await pub.subscribed("a", { signal: patience() });
    await assert.rejects(pub.subscribed("b", { timeout: 1 }), spError("ETIMEDOUT"));
    for (const { drops } of [pub.stats(), xpub.stats()]) assert.deepEqual(drops, { unwanted: 1 });
  });

  test(`an XSUB over ${name} subscribes by messages of one frame only`, async () => {
    await using place = await open();
    await using pub = new XPub();
    await place.listen(pub);
    await using sub = new XSub();
    place.dial(sub);
    await sub.peers(1, { signal: patience() });
    await sub.send([said(1, "two frames"), ""]);
    await sub.send([said(1, "one frame")]);
    const heard = await next(pub, 2);
    assert.deepEqual(heard, ["+two frames", "+one frame"]);
    assert.deepEqual(pub.stats().drops, { unwanted: 1 }, "it was sent as a message");
  });

  test(`messages of an XSUB over ${name} reach an XPUB as they are, and what comes is not filtered`, async () => {
    await using place = await open();
    await using pub = new XPub();
    await place.listen(pub);
    await using sub = new XSub();
    place.dial(sub);
    await sub.send(said(1, "t"));
    assert.deepEqual(await next(pub, 1), ["+t"]);
    await sub.send(["upstream", "two"]);
    assert.deepEqual(texts(await pub.receive({ signal: patience() })), ["upstream", "two"]);
    await sub.send("");
    assert.deepEqual(texts(await pub.receive({ signal: patience() })), [""]);
    await pub.send(["t", "down"]);
    assert.deepEqual(texts(await sub.receive({ signal: patience() })), ["t", "down"]);
  });
}
