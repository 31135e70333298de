/** Who has sent a message: `messages()` on every class that receives. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, RawSocket, Rep, Req, Respondent, Surveyor } from "../../mod.ts";
import * as zmtp from "../../zmtp/mod.ts";
import { patience } from "../conformance/stage.ts";
import { text } from "../helpers/bytes.ts";

test("each message comes with its own peer", async () => {
  await using pull = new Pull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  await using one = new Push();
  await using two = new Push();
  for (const push of [one, two]) push.connect(address);
  await Promise.all([one, two].map((push) => push.peers(1, { signal: patience() })));
  for (let i = 0; i < 10; i++) {
    for (const [n, push] of [one, two].entries()) await push.send(`${n}`);
  }
  const peers = new Map<string, Set<number>>();
  let left = 20;
  for await (const { message, peer } of pull.messages()) {
    const said = text(message);
    if (!peers.has(said)) peers.set(said, new Set());
    peers.get(said)!.add(peer.id);
    assert.match(peer.remoteAddress, /^tcp:\/\/127\.0\.0\.1:\d+$/);
    if (--left === 0) break;
  }
  const ids = [...peers.values()].map((set) => [...set]);
  assert.deepEqual(ids.map((set) => set.length), [1, 1]);
  assert.notDeepEqual(ids[0], ids[1]);
});

test("who waits is told the peer as well, and what a pipe was handed ahead has its own", async () => {
  await using pull = new Pull();
  await pull.bind("inproc://peers-ahead");
  await using one = new Push();
  await using two = new Push();
  for (const push of [one, two]) push.connect("inproc://peers-ahead");
  await pull.peers(2);
  const messages = pull.messages();
  const owners = new Map<number, string>();
  for (const [name, push] of [["one", one], ["two", two]] as const) {
    const next = messages.next();
    await push.send(name);
    const { value } = await next;
    assert.equal(text(value!.message), name);
    owners.set(value!.peer.id, name);
  }
  assert.equal(owners.size, 2);

  // A pipe that is stopped leaves behind what the stream was handed ahead.
  for (let i = 0; i < 20; i++) {
    await one.send("one");
    await two.send("two");
  }
  const stop = new AbortController();
  let piped = 0;
  const sink = new WritableStream({
    write: () => {
      if (++piped === 3) stop.abort();
    },
  });
  const { signal } = stop;
  await pull.readable.pipeTo(sink, { signal, preventCancel: true }).catch(() => {});
  for (let left = 40 - piped; left > 0; left--) {
    const { value } = await messages.next();
    assert.equal(owners.get(value!.peer.id), text(value!.message));
  }
});

test("a REQ's replies and a SURVEYOR's responses come with who has answered", async () => {
  await using rep = new Rep();
  await rep.bind("inproc://peers-rep");
  rep.serve((question) => question);
  await using req = new Req();
  req.connect("inproc://peers-rep");
  await req.send("hello");
  const reply = (await req.messages().next()).value!;
  assert.deepEqual([text(reply.message), reply.peer.protocol], ["hello", "rep"]);

  await using surveyor = new Surveyor();
  await surveyor.bind("inproc://peers-survey");
  await using respondent = new Respondent();
  respondent.connect("inproc://peers-survey");
  respondent.serve((question) => question);
  await surveyor.peers(1);
  await surveyor.send("who?");
  const response = (await surveyor.messages().next()).value!;
  assert.deepEqual([text(response.message), response.peer.protocol], ["who?", "respondent"]);
});

test("raw sockets, and those of ZeroMQ's wire, tell who has sent a message", async () => {
  await using raw = new RawSocket("pull");
  await raw.bind("inproc://peers-raw");
  await using push = new Push();
  push.connect("inproc://peers-raw");
  await push.send("hello");
  const first = (await raw.messages().next()).value!;
  assert.deepEqual([text(first.message.body), first.peer.protocol], ["hello", "push"]);

  await using pull = new zmtp.Pull();
  await pull.bind("inproc://peers-zmtp");
  await using pusher = new zmtp.Push();
  pusher.connect("inproc://peers-zmtp");
  await pusher.send("hello");
  const second = (await pull.messages().next()).value!;
  assert.deepEqual([text(second.message[0]), second.peer.protocol], ["hello", "push"]);

  await using rep = new zmtp.Rep();
  await rep.bind("inproc://peers-zmtp-rep");
  rep.serve((question) => question);
  await using req = new zmtp.Req();
  req.connect("inproc://peers-zmtp-rep");
  await req.send("hello");
  const third = (await req.messages().next()).value!;
  assert.deepEqual([text(third.message[0]), third.peer.protocol], ["hello", "rep"]);
});

test("the loop over messages ends with the socket, and leaving it leaves the socket open", async () => {
  const pull = new Pull();
  await pull.bind("inproc://peers-end");
  await using push = new Push();
  push.connect("inproc://peers-end");
  await push.send("one");
  for await (const { message } of pull.messages()) {
    assert.equal(text(message), "one");
    break;
  }
  const rest = Array.fromAsync(pull.messages());
  await push.send("two");
  while (pull.stats().messagesReceived < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await pull.close();
  assert.deepEqual((await rest).map(({ message }) => text(message)), ["two"]);
});
