/** REQ and REP, as they are used: many requests at once, cancelled, repeated, served. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type ReceivedQuestion, Rep, Req } from "../../mod.ts";
import { spError } from "../helpers/errors.ts";
import { attached, patience, toText, watch } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

const IMPATIENT = { reconnectMin: 5, reconnectMax: 50 };

after(leaveTransports);

for (const { name, open } of TRANSPORTS) {
  test(`1,000 requests in flight over ${name} each get their own answer`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    let inHand = 0;
    let most = 0;
    rep.serve(async (question) => {
      most = Math.max(most, ++inHand);
      await setImmediate();
      inHand--;
      return `re ${toText(question)}`;
    }, { concurrency: 100 });
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => req.request(`${i}`, { signal: patience() })),
    );
    assert.deepEqual(answers.map(toText), Array.from({ length: 1000 }, (_, i) => `re ${i}`));
    assert.equal(most, 100);
  });

  test(`a cancelled request over ${name} rejects with the signal's reason, and its answer is late`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    const log = watch(req);
    const abort = new AbortController();
    const cancelled = req.request("cancelled", { signal: abort.signal });
    assert.equal(toText(await rep.receive({ signal: patience() })), "cancelled");
    abort.abort(new Error("changed my mind"));
    await assert.rejects(cancelled, /changed my mind/);
    await assert.rejects(req.request("never", { signal: abort.signal }), /changed my mind/);
    await rep.send("late");
    const { reason, count } = await log.next("dropped");
    assert.deepEqual([reason, count], ["late", 1]);
    const next = req.request("next", { signal: patience() });
    assert.equal(toText(await rep.receive({ signal: patience() })), "next");
    await rep.send("in time");
    assert.equal(toText(await next), "in time");
  });

  test(`a request over ${name} whose answer takes too long rejects with ETIMEDOUT`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req({ receiveTimeout: 1 });
    await place.listen(rep);
    place.dial(req);
    await assert.rejects(req.request("hello?"), spError("ETIMEDOUT", "1 ms"));
  });

  test(`a request over ${name} is sent again when the peer that has it is lost`, async () => {
    await using place = await open();
    await using first = new Rep();
    await using req = new Req(IMPATIENT);
    await place.listen(first);
    place.dial(req);
    const answer = req.request("anybody?", { signal: patience() });
    assert.equal(toText(await first.receive({ signal: patience() })), "anybody?");
    await first.close();
    await using elsewhere = await open();
    await using second = new Rep();
    await elsewhere.listen(second);
    elsewhere.dial(req);
    assert.equal(toText(await second.receive({ signal: patience() })), "anybody?");
    await second.send("me");
    assert.equal(toText(await answer), "me");
  });

  test(`a request over ${name} is sent again after the resend interval, and answered once`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req({ resendInterval: 10 });
    await place.listen(rep);
    place.dial(req);
    const log = watch(req);
    const answer = req.request("anybody?", { signal: patience() });
    const asked: ReceivedQuestion[] = [];
    for await (const request of rep.requests()) {
      assert.equal(toText(request.message), "anybody?");
      if (asked.push(request) === 2) break;
    }
    const { attempt, reason } = await log.next("request-resent");
    assert.deepEqual([attempt, reason], [2, "no-reply"]);
    await asked[0]!.reply("yes");
    assert.equal(toText(await answer), "yes");
    await asked[1]!.reply("yes, I said");
    assert.equal((await log.next("dropped")).reason, "late");
  });

  test(`a request over ${name} fails with ENOPEERS where it shall not wait for a peer`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req({ failWithoutPeers: true });
    place.dial(req);
    await assert.rejects(req.request("now"), spError("ENOPEERS"));
    await place.listen(rep);
    await attached(req);
    const request = req.request("now");
    await rep.receive({ signal: patience() });
    await Promise.all([assert.rejects(request, spError("ENOPEERS")), rep.close()]);
  });

  test(`a closed REQ over ${name} rejects what it still waits for with ECLOSED`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    const asked = req.request("question");
    await rep.receive({ signal: patience() });
    await Promise.all([assert.rejects(asked, spError("ECLOSED")), req.close()]);
    await assert.rejects(req.request("later"), spError("ECLOSED"));
  });

  test(`a reply over ${name} to a peer that has gone is dropped and counted`, async () => {
    await using place = await open();
    await using rep = new Rep();
    const log = watch(rep);
    await place.listen(rep);
    {
      await using req = new Req();
      place.dial(req);
      await attached(req);
      await req.send("and goodbye");
      await rep.receive({ signal: patience() });
    }
    await log.next("detached");
    await rep.send("too late");
    const { reason, count } = await log.next("dropped");
    assert.deepEqual([reason, count], ["peer-gone", 1]);
    assert.deepEqual(rep.stats().drops, { "peer-gone": 1 });
  });

  test(`a REP over ${name} without a question refuses to reply`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await place.listen(rep);
    await assert.rejects(rep.send("what?"), spError("ESTATE", "no question"));
  });

  test(`serve over ${name} goes on when a handler fails, and answers what onError says`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    const serving = rep.serve((question) => {
      if (toText(question) === "bad") throw new Error("no such thing");
      return "good";
    }, { onError: (error, question) => `${toText(question)}: ${(error as Error).message}` });
    assert.equal(toText(await req.request("bad", { signal: patience() })), "bad: no such thing");
    assert.equal(toText(await req.request("fine", { signal: patience() })), "good");
    await rep.close();
    await serving;
  });

  test(`serve over ${name} ends with its signal, and finishes what it has in hand`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    const abort = new AbortController();
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const serving = rep.serve(async () => {
      begun.resolve();
      await go.promise;
      return "finished";
    }, { signal: abort.signal });
    const answer = req.request("in hand", { signal: patience() });
    await begun.promise;
    abort.abort(new Error("enough"));
    go.resolve();
    assert.equal(toText(await answer), "finished");
    await serving;
    const next = req.request("for somebody else", { signal: patience() });
    assert.equal(toText(await rep.receive({ signal: patience() })), "for somebody else");
    await rep.send("by hand");
    assert.equal(toText(await next), "by hand");
  });

  test(`a REP over ${name} that is closed first answers what it has in hand`, async () => {
    await using place = await open();
    await using rep = new Rep();
    await using req = new Req();
    await place.listen(rep);
    place.dial(req);
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const serving = rep.serve(async () => {
      begun.resolve();
      await go.promise;
      return "finished";
    });
    const answer = req.request("in hand", { signal: patience() });
    await begun.promise;
    const closing = rep.close({ linger: Infinity });
    go.resolve();
    assert.equal(toText(await answer), "finished");
    await Promise.all([closing, serving]);
  });
}
