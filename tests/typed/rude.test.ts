/** Codecs that do what codecs should not: it costs what they are asked for, and no other message, peer or wait. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Codec, Pull, Push, Rep, Req, Respondent, Surveyor } from "../../mod.ts";
import { patience } from "../conformance/stage.ts";
import { spError } from "../helpers/errors.ts";
import { json, text } from "./codecs.ts";

const ENOUGH = new Error("enough");

/** Numbers; gives up with a signal at what is none. */
function impatient(stop: AbortController): Codec<number> {
  return {
    encode: String,
    decode: (message) => {
      const n = Number(new TextDecoder().decode(message));
      if (!Number.isNaN(n)) return n;
      stop.abort(ENOUGH);
      throw ENOUGH;
    },
  };
}

test("a codec that ends the wait at what it cannot decode takes no other message with it", async () => {
  const stop = new AbortController();
  const { signal } = stop;
  await using pull = new Pull({ codec: impatient(stop) });
  await using push = new Push({ codec: text });
  await pull.bind("inproc://rude-wait");
  push.connect("inproc://rude-wait");
  await pull.peers(1, { signal: patience() });
  const waiting = assert.rejects(pull.receive({ signal }), ENOUGH);
  const batch = assert.rejects(pull.receiveBatch({ signal }), ENOUGH);
  for (const word of ["nonsense", "1", "2", "3"]) await push.send(word);
  await Promise.all([waiting, batch]);
  for (const n of [1, 2, 3]) assert.equal(await pull.receive({ signal: patience() }), n);
  assert.equal(pull.stats().drops.malformed, 1);
});

test("a codec that ends serve at what it cannot decode leaves the next question to others", async () => {
  const stop = new AbortController();
  const { signal } = stop;
  await using rep = new Rep({ codec: impatient(stop) });
  await using req = new Req({ codec: { request: text, reply: json<number>() } });
  await rep.bind("inproc://rude-serve");
  req.connect("inproc://rude-serve");
  const served = rep.serve((n) => n, { concurrency: 1, signal });
  req.request("nonsense").catch(() => {});
  const asked = req.request("1");
  await served;
  assert.equal(await rep.receive({ signal: patience() }), 1);
  await rep.send(10);
  assert.equal(await asked, 10);
});

for (const how of ["aborts its signal", "closes the socket", "cancels its stream"]) {
  test(`a codec that decodes a response, and ${how}, harms no peer`, async () => {
    const stop = new AbortController();
    let cancelled: Promise<void> | undefined;
    const reply: Codec<string> = {
      encode: (value) => value,
      decode: () => {
        if (how === "aborts its signal") stop.abort(ENOUGH);
        else if (how === "closes the socket") surveyor.close();
        else cancelled = reader.cancel();
        return "too late";
      },
    };
    await using surveyor: Surveyor<string, string> = new Surveyor({
      codec: { request: text, reply },
    });
    await using respondent = new Respondent({ codec: text });
    const address = `inproc://rude-${how}`.replaceAll(" ", "-");
    await surveyor.bind(address);
    respondent.connect(address);
    respondent.serve((question) => question);
    await surveyor.peers(1, { signal: patience() });
    const reader = surveyor.survey("?", { signal: stop.signal }).getReader();
    const read = reader.read();
    if (how === "aborts its signal") await assert.rejects(read, ENOUGH);
    else if (how === "closes the socket") await assert.rejects(read, spError("ECLOSED"));
    else assert.deepEqual(await read, { value: undefined, done: true });
    await cancelled;
    if (how === "closes the socket") await surveyor.closed;
    const { connections, drops } = surveyor.stats();
    assert.equal(connections.broken, 0);
    assert.deepEqual(drops, { late: 1 });
  });
}

const THROWN: readonly unknown[] = [undefined, null, 0, "text", Symbol("reason"), () => {}];

for (const thrown of THROWN) {
  test(`a codec may throw ${String(thrown)}`, async () => {
    const codec: Codec<string> = {
      encode: () => {
        throw thrown;
      },
      decode: (message) => {
        if (message.length > 0) return text.decode(message);
        throw thrown;
      },
    };
    await using pull = new Pull({ codec });
    await using push = new Push({ codec: text });
    await pull.bind(`inproc://rude-${String(thrown)}`);
    push.connect(`inproc://rude-${String(thrown)}`);
    const waiting = pull.receive({ signal: patience() });
    for (const word of ["", "one", "", "two"]) await push.send(word);
    assert.deepEqual([await waiting, await pull.receive()], ["one", "two"]);

    await using rude = new Push({ codec });
    const told = (reason: unknown): void => assert.equal(reason, thrown);
    const missed = (): never => assert.fail("nothing was thrown");
    await rude.send("").then(missed, told);
    const writer = rude.writable.getWriter();
    writer.closed.catch(() => {});
    await writer.write("").then(missed, told);

    await using rep = new Rep({ codec: { request: codec, reply: text } });
    await rep.bind(`inproc://rude-asked-${String(thrown)}`);
    await using req = new Req({ codec: { request: text, reply: codec } });
    req.connect(`inproc://rude-asked-${String(thrown)}`);
    rep.serve((question) => question === "silence" ? "" : question, {
      onError: (error) => {
        told(error);
        return "cannot read that";
      },
    });
    assert.equal(await req.request("", { signal: patience() }), "cannot read that");
    const lost = await req.request("silence", { signal: patience() }).then(
      missed,
      (error) => error,
    );
    assert.ok(spError("EPROTO", "Cannot decode the reply")(lost));
    assert.equal(lost.cause, thrown);
  });
}

test("a codec that encodes to a promise is told that it is none", async () => {
  const codec = { encode: async () => await "text", decode: () => "" };
  await using push = new Push({ codec: codec as unknown as Codec<string> });
  await assert.rejects(push.send(""), spError("EINVAL", "Cannot send an object of type Promise"));
});

test("a codec's functions are called as its methods, as they are then", async () => {
  class Counting implements Codec<string> {
    #count = 0;
    encode(value: string): string {
      return `${value} ${++this.#count}`;
    }
    decode(message: Uint8Array): string {
      return `${new TextDecoder().decode(message)} ${++this.#count}`;
    }
  }
  const codec: Codec<string> = new Counting();
  await using pull = new Pull({ codec });
  await using push = new Push({ codec: new Counting() });
  await pull.bind("inproc://rude-methods");
  push.connect("inproc://rude-methods");
  for (const word of ["a", "b"]) await push.send(word);
  assert.deepEqual([await pull.receive(), await pull.receive()], ["a 1 1", "b 2 2"]);
  codec.decode = () => "changed";
  await push.send("c");
  assert.equal(await pull.receive(), "changed");
});
