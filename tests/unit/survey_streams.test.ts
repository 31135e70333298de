/** SURVEYOR's surveys as streams, several at once, and their end, with mock peers. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Surveyor } from "../../patterns/survey.ts";
import { text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import { bodies } from "../helpers/questions.ts";
import { SpiedSignal } from "../helpers/signal.ts";
import { calm, isPending } from "../helpers/turns.ts";
import { isLong, LONG, peersOf, respond, textsOf } from "../helpers/surveyed.ts";

describe("B8 SURVEYOR, several surveys at once", () => {
  test("have a stream each, told apart by id, beside the socket's own survey", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const streams = ["a", "b"].map((body) => surveyor.survey(body).getReader());
    await surveyor.send("c");
    for (const n of [2, 1, 0]) {
      for (const [who, peer] of peers.entries()) await respond(peer, n, `${who} to ${n}`);
    }
    for (const [n, reader] of streams.entries()) {
      assert.equal(text((await reader.read()).value!), `0 to ${n}`);
      assert.equal(text((await reader.read()).value!), `1 to ${n}`);
    }
    assert.equal(text(await surveyor.receive()), "0 to 2");
    assert.equal(text(await surveyor.receive()), "1 to 2");
    assert.deepEqual(surveyor.stats().drops, {});
    for (const reader of streams) await reader.cancel();
  });

  test("tell whose each response is, where that is asked for", async () => {
    await using surveyor = new Surveyor({ deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const responses = surveyor.responses("who?", { expect: 2 });
    await respond(peers[1]!, 0, "one");
    await respond(peers[0]!, 0, "nought");
    const told = (await Array.fromAsync(responses)).map(({ message, peer }) =>
      `${peer.protocol} ${peer.id}: ${text(message)}`
    );
    const [first, second] = surveyor.stats().peers.map(({ id }) => id);
    assert.deepEqual(told, [`respondent ${second}: one`, `respondent ${first}: nought`]);
  });

  test("end each at a deadline of its own", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const long = surveyor.survey("long").getReader();
    assert.deepEqual(await textsOf(surveyor.survey("short", { deadline: 1 })), []);
    await respond(peers[0]!, 0, "still in time");
    assert.equal(text((await long.read()).value!), "still in time");
  });

  test("end when their stream is cancelled: what comes then is late", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const reader = surveyor.survey("who?").getReader();
    await respond(peers[0]!, 0, "first");
    await reader.read();
    await reader.cancel();
    await respond(peers[0]!, 0, "second");
    assert.deepEqual(surveyor.stats().drops, { late: 1 });
  });

  test("end with their signal's reason, and leave nothing on it, however they end", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const signal = new SpiedSignal();
    const options = { signal: signal.signal };
    assert.deepEqual(await textsOf(surveyor.survey("1", { ...options, deadline: 1 })), []);
    await surveyor.survey("2", options).cancel();
    assert.equal(signal.listeners, 0);
    const aborted = surveyor.survey("3", options).getReader();
    signal.abort("enough");
    await assert.rejects(aborted.read(), (reason) => reason === "enough");
    assert.equal(signal.listeners, 0);
    assert.throws(() => surveyor.survey("4", options), (reason) => reason === "enough");
    await respond(peers[0]!, 2, "late");
    assert.deepEqual(surveyor.stats().drops, { late: 1 });
    assert.deepEqual(await bodies(peers[0]!, 3), ["1", "2", "3"]);
  });

  test("drop what a reader leaves lying beyond the receive buffer, counted for the peer", async () => {
    await using surveyor = new Surveyor({
      responsesPerPeer: Infinity,
      deadline: LONG,
      receiveBuffer: 100,
    });
    const peers = await peersOf(surveyor, 1);
    const reader = surveyor.survey("who?").getReader();
    for (let n = 0; n < 10; n++) await respond(peers[0]!, 0, "0123456789");
    const { overflow } = surveyor.stats().peers[0]!.drops;
    assert.ok(overflow! > 3 && overflow! < 10, `${overflow} dropped`);
    for (let n = overflow!; n < 10; n++) await reader.read();
    await respond(peers[0]!, 0, "room again");
    assert.equal(text((await reader.read()).value!), "room again");
  });

  test("that are wrong begin no survey", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    assert.throws(() => surveyor.survey(5 as unknown as string), spError("EINVAL", "5 (number)"));
    assert.throws(
      () => surveyor.survey("x", { deadline: -1 }),
      spError("EINVAL", "deadline", "-1", "survey's options"),
    );
    assert.throws(() => surveyor.survey("x", { dead: 1 } as object), spError("EINVAL", '"dead"'));
    surveyor.survey("right");
    assert.deepEqual(await bodies(peers[0]!, 1), ["right"]);
  });
});

describe("a SURVEYOR's streams", () => {
  test("take surveys, each of which has its time, and end behind the responses to the last", async () => {
    using timers = new HeldTimers(isLong);
    const surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 2);
    const responses = textsOf(ReadableStream.from(["a", "b", "c"]).pipeThrough(surveyor));
    for (let n = 0; n < 3; n++) {
      for (const [who, peer] of peers.entries()) await respond(peer, n, `${who} to ${n}`);
      assert.equal(await isPending(surveyor.closed), true);
      assert.equal(peers[0]!.messages().length, n + 1);
      timers.fire();
    }
    const expected = [0, 1, 2].flatMap((n) => [`0 to ${n}`, `1 to ${n}`]);
    assert.deepEqual(await responses, expected);
    await surveyor.closed;
    for (const peer of peers) assert.deepEqual(await bodies(peer, 3), ["a", "b", "c"]);
    assert.deepEqual(surveyor.stats().drops, {});
  });

  test("wait with the next survey until the one before is over", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    const writer = surveyor.writable.getWriter();
    const written = writer.write("1");
    const next = writer.write("2");
    assert.deepEqual(await bodies(peers[0]!, 1), ["1"]);
    assert.equal(await isPending(written), true);
    await surveyor.send("in between");
    await written;
    assert.deepEqual(await bodies(peers[0]!, 3), ["1", "in between", "2"]);
    writer.closed.catch(() => {});
    writer.abort();
    await assert.rejects(next.then(() => Promise.reject(new Error("over"))));
    await surveyor.closed;
  });
});

describe("SURVEYOR, close", () => {
  test("ends every survey with ECLOSED, and begins no other", async () => {
    const surveyor = new Surveyor();
    await peersOf(surveyor, 1);
    const reader = surveyor.survey("who?").getReader();
    await surveyor.send("who else?");
    const waiting = assert.rejects(surveyor.receive(), spError("ECLOSED"));
    const read = assert.rejects(reader.read(), spError("ECLOSED", "go on with the survey"));
    await surveyor.close();
    await Promise.all([waiting, read]);
    assert.throws(() => surveyor.survey("late"), spError("ECLOSED", "begin a survey"));
    await assert.rejects(surveyor.send("late"), spError("ECLOSED"));
    await calm();
  });

  test("still sends the survey that was begun just before", async () => {
    await using surveyor = new Surveyor({ responsesPerPeer: Infinity, deadline: LONG });
    const peers = await peersOf(surveyor, 1);
    surveyor.send("last words");
    await surveyor.close();
    assert.deepEqual(await bodies(peers[0]!, 1), ["last words"]);
  });
});
