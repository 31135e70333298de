/** `maxMessageSize` is about messages: greetings, commands and subscriptions have a limit of their own, on every transport. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pub, Pull, Push, Sub, XPub, XSub } from "../../../zmtp/mod.ts";
import { pattern } from "../../helpers/bytes.ts";
import { patience, watch } from "../../conformance/stage.ts";
import { leaveTransports, TRANSPORTS } from "../../conformance/transports.ts";
import { texts } from "../helpers/frames_text.ts";

after(leaveTransports);

for (const { name, open } of TRANSPORTS.filter(({ limitsMessages }) => limitsMessages)) {
  test(`sockets with a limit of one byte meet over ${name}, and take that byte`, async () => {
    await using place = await open();
    await using pull = new Pull({ maxMessageSize: 1 });
    const log = watch(pull);
    await place.listen(pull);
    await using push = new Push({ maxMessageSize: 1, reconnectMin: 60_000 });
    place.dial(push);
    await push.send(["a", "", ""]);
    assert.deepEqual(texts(await pull.receive({ signal: patience() })), ["a", "", ""]);
    await push.send(["b", "c"]);
    const { reason } = await log.next("detached");
    assert.equal(reason?.code, "EMSGSIZE");
    assert.match(reason!.message, /a message of 2 bytes, maxMessageSize is 1/);
  });

  test(`a PUB with a limit of one byte takes long subscriptions over ${name}`, async () => {
    await using place = await open();
    await using pub = new Pub({ maxMessageSize: 1 });
    await place.listen(pub);
    const prefix = pattern(60_000);
    await using sub = new Sub({ subscribe: prefix });
    place.dial(sub);
    await pub.subscribed(prefix, { signal: patience() });
    await pub.send([prefix, "body"]);
    const [topic, body] = await sub.receive({ signal: patience() });
    assert.deepEqual(topic, prefix);
    assert.deepEqual(texts([body!]), ["body"]);
  });

  test(`an XPUB with a limit takes long subscriptions over ${name} from an XSUB, and no long messages`, async () => {
    await using place = await open();
    await using pub = new XPub({ maxMessageSize: 1 });
    const log = watch(pub);
    await place.listen(pub);
    const said = pattern(60_000);
    said[0] = 1;
    await using sub = new XSub({ reconnectMin: 60_000 });
    place.dial(sub);
    await sub.peers(1, { signal: patience() });
    await sub.send("x");
    assert.deepEqual(texts(await pub.receive({ signal: patience() })), ["x"]);
    await sub.send(said);
    assert.deepEqual(await pub.receive({ signal: patience() }), [said]);
    await sub.send("xy");
    const { reason } = await log.next("detached");
    assert.equal(reason?.code, "EMSGSIZE");
    assert.match(reason!.message, /a message of 2 bytes, maxMessageSize is 1/);
  });

  test(`a message of just the limit arrives over ${name}, in one frame and in several`, async () => {
    const limit = 100_000;
    await using place = await open();
    await using pull = new Pull({ maxMessageSize: limit });
    const log = watch(pull);
    await place.listen(pull);
    await using push = new Push({ reconnectMin: 60_000 });
    place.dial(push);
    await push.send(pattern(limit));
    assert.deepEqual(await pull.receive({ signal: patience() }), [pattern(limit)]);
    const halves = [pattern(limit / 2), new Uint8Array(0), pattern(limit / 2)];
    await push.send(halves);
    assert.deepEqual(await pull.receive({ signal: patience() }), halves);
    await push.send(pattern(limit + 1));
    assert.equal((await log.next("detached")).reason?.code, "EMSGSIZE");
  });
}
