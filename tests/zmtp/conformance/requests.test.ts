/** REQ and REP of ZMTP: one request a peer, or numbers; what is given up, lost and late; how both end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { transfer } from "../../../mod.ts";
import { Dealer, Rep, Req, type ReqOptions, Router } from "../../../zmtp/mod.ts";
import { pattern, text, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { isPending } from "../../helpers/turns.ts";
import { patience, settled, watch } from "../../conformance/stage.ts";
import { texts } from "../helpers/frames_text.ts";
import { SOME_TRANSPORTS } from "./places.ts";

const BOTH = [{ correlate: false }, { correlate: true }] as const;

/** How a REQ is called in a test's name. */
function named({ correlate }: ReqOptions): string {
  return correlate === true ? "a REQ with numbers" : "a REQ";
}

/** Connects again soon. */
const SOON = { reconnectMin: 5, reconnectMax: 50 };

for (const { name, open } of SOME_TRANSPORTS) {
  test(`a REQ over ${name} asks each peer one thing at a time, in turn`, async () => {
    await using place = await open();
    await using req = new Req();
    await place.listen(req);
    await using one = new Rep();
    await using two = new Rep();
    place.dial(one);
    await req.peers(1, { signal: patience() });
    place.dial(two);
    await req.peers(2, { signal: patience() });
    const replies = ["a", "b", "c"].map((body) => req.request(body, { signal: patience() }));
    const [first] = await one.receive({ signal: patience() });
    const [second] = await two.receive({ signal: patience() });
    assert.deepEqual([text(first!), text(second!)], ["a", "b"]);
    const abort = new AbortController();
    const idle = one.receive({ signal: abort.signal });
    assert.ok(await isPending(idle));
    abort.abort(new Error("enough"));
    await assert.rejects(idle, /enough/);
    await two.send(["to b", "again"]);
    assert.deepEqual(texts(await replies[1]!), ["to b", "again"]);
    assert.deepEqual(texts(await two.receive({ signal: patience() })), ["c"]);
    await two.send("to c");
    await one.send("to a");
    assert.deepEqual((await Promise.all(replies)).map(texts), [["to a"], ["to b", "again"], [
      "to c",
    ]]);
  });

  for (const options of BOTH) {
    test(`${named(options)} over ${name} gets the frames that were answered to the frames it sent`, async () => {
      await using place = await open();
      await using rep = new Rep();
      await place.listen(rep);
      rep.serve((frames) => [...frames, "", "and one more"]);
      await using req = new Req(options);
      place.dial(req);
      assert.deepEqual(texts(await req.request(["a", "", "b"])), [
        "a",
        "",
        "b",
        "",
        "and one more",
      ]);
      assert.deepEqual(texts(await req.request("")), ["", "", "and one more"]);
      const large = pattern(100_000);
      const [back] = await req.request(large);
      assert.deepEqual(back, large);
    });

    test(`${named(options)} over ${name} that is given up leaves the socket as good as before`, async () => {
      await using place = await open();
      await using rep = new Rep();
      await place.listen(rep);
      await using req = new Req({ ...SOON, ...options });
      place.dial(req);
      await assert.rejects(req.request("never", { timeout: 1 }), spError("ETIMEDOUT", "1 ms"));
      const abort = new AbortController();
      const aborted = req.request("aborted", { signal: abort.signal });
      abort.abort(new Error("changed my mind"));
      await assert.rejects(aborted, /changed my mind/);
      rep.serve((frames) => frames);
      assert.deepEqual(texts(await req.request("again", { signal: patience() })), ["again"]);
      await settled(() => req.stats().messagesReceived);
      assert.deepEqual(texts(await req.request("and again", { signal: patience() })), [
        "and again",
      ]);
    });

    test(`${named(options)} over ${name} whose peer is lost rejects with ECONNRESET, and asks the next`, async () => {
      await using place = await open();
      await using req = new Req(options);
      await place.listen(req);
      const rep = new Rep();
      place.dial(rep);
      const lost = req.request("lost");
      await rep.receive({ signal: patience() });
      const waits = options.correlate ? undefined : req.request("waits");
      await Promise.all([assert.rejects(lost, spError("ECONNRESET")), rep.close({ linger: 0 })]);
      await using next = new Rep();
      next.serve((frames) => frames);
      place.dial(next);
      assert.deepEqual(texts(await req.request("found")), ["found"]);
      if (waits !== undefined) assert.deepEqual(texts(await waits), ["waits"]);
    });

    test(`${named(options)} over ${name} that is closed refuses requests, and rejects those under way`, async () => {
      await using place = await open();
      await using rep = new Rep();
      await place.listen(rep);
      const req = new Req(options);
      place.dial(req);
      const underWay = req.request("under way");
      await rep.receive({ signal: patience() });
      const waits = req.request("waits");
      await Promise.all([
        assert.rejects(underWay, spError("ECLOSED")),
        assert.rejects(waits, spError("ECLOSED")),
        req.close(),
      ]);
      await assert.rejects(req.request("late", { signal: patience() }), spError("ECLOSED"));
    });

    test(`${named(options)} over ${name} that drains refuses requests, and has those under way answered`, async () => {
      await using place = await open();
      await using rep = new Rep();
      await place.listen(rep);
      await using req = new Req(options);
      place.dial(req);
      const under = [req.request("one"), req.request("two")];
      assert.deepEqual(texts(await rep.receive({ signal: patience() })), ["one"]);
      const drained = req.drain();
      await assert.rejects(req.request("late", { signal: patience() }), spError("ECLOSED"));
      await rep.send("to one");
      assert.deepEqual(texts(await rep.receive({ signal: patience() })), ["two"]);
      await rep.send("to two");
      assert.deepEqual((await Promise.all(under)).map(texts), [["to one"], ["to two"]]);
      await drained;
    });

    test(`${named(options)} over ${name} is a transform of requests to replies, and ends behind the last`, async () => {
      await using place = await open();
      await using rep = new Rep();
      await place.listen(rep);
      rep.serve(([frame]) => [frame!, "!"]);
      await using req = new Req(options);
      place.dial(req);
      const requests = Array.from({ length: 200 }, (_, i) => `${i}`);
      const replies: string[] = [];
      for await (const reply of ReadableStream.from(requests).pipeThrough(req)) {
        replies.push(texts(reply).join(""));
      }
      assert.deepEqual(replies, requests.map((request) => `${request}!`));
      await req.closed;
    });

    test(`replies to ${named(options)} over ${name} are read in the order of the requests`, async () => {
      await using place = await open();
      await using req = new Req(options);
      await place.listen(req);
      await using one = new Rep();
      await using two = new Rep();
      for (const rep of [one, two]) place.dial(rep);
      await req.peers(2, { signal: patience() });
      const reader = req.readable.getReader();
      await req.send("first");
      await req.send("second");
      const [[a], [b]] = await Promise.all([one.receive(), two.receive()]);
      const [ofFirst, ofSecond] = text(a!) === "first" ? [one, two] : [two, one];
      assert.notEqual(text(a!), text(b!));
      await ofSecond.send("re: second");
      const read = reader.read();
      assert.ok(await isPending(read));
      await ofFirst.send("re: first");
      assert.deepEqual(texts((await read).value!), ["re: first"]);
      assert.deepEqual(texts((await reader.read()).value!), ["re: second"]);
      reader.releaseLock();
    });
  }

  test(`a REP over ${name} answers several requests in any order`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await place.listen(rep);
    const asked = ["a", "b", "c"];
    const reqs = asked.map(() => new Req());
    for (const req of reqs) place.dial(req);
    const replies = reqs.map((req, i) => req.request(asked[i]!, { signal: patience() }));
    const taken = [];
    for await (const request of rep.requests()) {
      taken.push(request);
      if (taken.length === asked.length) break;
    }
    for (const request of taken.reverse()) {
      await request.reply(["re", ...request.message]);
    }
    assert.deepEqual((await Promise.all(replies)).map(texts), asked.map((body) => ["re", body]));
    await Promise.all(reqs.map((req) => req.close()));
  });

  test(`a REP over ${name} sends back an envelope of several hops as it came`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await place.listen(rep);
    rep.serve((frames) => ["re", ...frames]);
    await using dealer = new Dealer();
    place.dial(dealer);
    await dealer.send(["hop 1", "hop 2", "", "body", "", "more"]);
    assert.deepEqual(texts(await dealer.receive({ signal: patience() })), [
      "hop 1",
      "hop 2",
      "",
      "re",
      "body",
      "",
      "more",
    ]);
  });

  test(`a REP over ${name} drops and counts what has no empty frame, or nothing behind it`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await place.listen(rep);
    rep.serve((frames) => frames);
    await using dealer = new Dealer();
    place.dial(dealer);
    await dealer.send("no delimiter");
    await dealer.send(["no", "delimiter"]);
    await dealer.send(["no body", ""]);
    await dealer.send(["", "right"]);
    assert.deepEqual(texts(await dealer.receive({ signal: patience() })), ["", "right"]);
    assert.deepEqual(rep.stats().drops, { unwanted: 3 });
  });

  test(`a reply of a REP over ${name} to a peer that has gone is dropped and counted`, async () => {
    await using place = await open();
    await using rep = new Rep();
    const log = watch(rep);
    await place.listen(rep);
    const req = new Req();
    place.dial(req);
    const lost = req.request("lost");
    await rep.receive({ signal: patience() });
    await Promise.all([assert.rejects(lost), req.close({ linger: 0 })]);
    await log.next("detached");
    await rep.send("too late");
    assert.equal((await log.next("dropped")).reason, "peer-gone");
    assert.deepEqual(rep.stats().drops, { "peer-gone": 1 });
  });

  test(`a reply without a delimiter over ${name} closes the connection of a REQ, and fails its request`, async () => {
    await using place = await open();
    await using router = new Router();
    await place.listen(router);
    await using req = new Req(SOON);
    const log = watch(req);
    place.dial(req);
    const request = req.request("well?");
    const [id] = await router.receive({ signal: patience() });
    await router.send([id!, "no delimiter"]);
    await assert.rejects(request, spError("ECONNRESET"));
    assert.equal((await log.next("detached")).reason?.code, "EPROTO");
    assert.deepEqual(req.stats().drops, { malformed: 1 });
  });

  test(`what nobody asked for, or no longer, is dropped by a REQ over ${name}, and counted`, async () => {
    await using place = await open();
    await using router = new Router();
    await place.listen(router);
    await using strict = new Req({ routingId: "strict" });
    await using numbered = new Req({ routingId: "numbered", correlate: true });
    place.dial(strict);
    place.dial(numbered);
    await router.peers(2, { signal: patience() });
    await router.send(["strict", "", "unasked"]);
    await router.send(["numbered", Uint8Array.of(1, 2, 3, 4), "", "late"]);
    const abort = new AbortController();
    const given = assert.rejects(numbered.request("give up", { signal: abort.signal }), /enough/);
    const [id, number] = await router.receive({ signal: patience() });
    abort.abort(new Error("enough"));
    await given;
    await router.send([id!, number!, "", "late"]);
    const reply = strict.request("now");
    await router.receive({ signal: patience() });
    await router.send(["strict", "", "asked"]);
    assert.deepEqual(texts(await reply), ["asked"]);
    assert.deepEqual(strict.stats().drops, { unasked: 1 });
    const last = numbered.request("now");
    const [, wanted] = await router.receive({ signal: patience() });
    await router.send(["numbered", wanted!, "", "asked"]);
    assert.deepEqual(texts(await last), ["asked"]);
    assert.deepEqual(numbered.stats().drops, { late: 2 });
  });

  test(`a reply over ${name} by another peer than was asked is dropped, though it has the number`, async () => {
    await using place = await open();
    await using router = new Router();
    await using req = new Req({ correlate: true });
    await using other = new Router();
    await place.listen(req);
    place.dial(router);
    await req.peers(1, { signal: patience() });
    place.dial(other, {});
    await req.peers(2, { signal: patience() });
    const first = req.request("to the first");
    const second = req.request("to the second");
    const [id, number] = await router.receive({ signal: patience() });
    const [otherId, otherNumber] = await other.receive({ signal: patience() });
    await other.send([otherId!, number!, "", "stolen"]);
    await other.send([otherId!, otherNumber!, "", "right"]);
    assert.deepEqual(texts(await second), ["right"]);
    await router.send([id!, number!, "", "right too"]);
    assert.deepEqual(texts(await first), ["right too"]);
    assert.deepEqual(req.stats().drops, { unasked: 1 });
  });
}

for (const options of BOTH) {
  test(`a request of ${named(options)} fails by receiveTimeout where it has no time of its own`, async () => {
    await using req = new Req({ ...options, receiveTimeout: 1 });
    await assert.rejects(req.request("to nobody"), spError("ETIMEDOUT", "1 ms"));
  });

  test(`${named(options)} that has sent nothing refuses to receive`, async () => {
    await using req = new Req(options);
    await assert.rejects(req.receive({ signal: patience() }), spError("ESTATE"));
  });

  test(`a message that was given to ${named(options)} is the sender's again when it was never sent`, async () => {
    await using req = new Req(options);
    const given = transfer(utf8("x".repeat(20_000)));
    await assert.rejects(req.request(given, { timeout: 1 }), spError("ETIMEDOUT"));
    const address = `inproc://${crypto.randomUUID()}`;
    await using rep = new Rep();
    await rep.bind(address);
    rep.serve(([frame]) => `${frame!.length}`);
    req.connect(address);
    assert.deepEqual(texts(await req.request(given)), ["20000"]);
  });

  test(`${named(options)} asks no more than concurrency permits, while nobody reads its replies`, async () => {
    const address = `inproc://${crypto.randomUUID()}`;
    await using rep = new Rep();
    await rep.bind(address);
    rep.serve((frames) => frames);
    await using req = new Req({ ...options, concurrency: 3 });
    req.connect(address);
    for (let i = 0; i < 3; i++) await req.send(`${i}`);
    const fourth = req.send("3");
    assert.ok(await isPending(fourth));
    assert.deepEqual(texts(await req.receive({ signal: patience() })), ["0"]);
    await fourth;
    for (const wanted of ["1", "2", "3"]) {
      assert.deepEqual(texts(await req.receive({ signal: patience() })), [wanted]);
    }
  });
}
