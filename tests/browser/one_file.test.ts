/** npm's one file for pages, run here: it needs a WebSocket and a MessageChannel only, which every runtime has. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type * as All from "../../browser.ts";
import {
  Pub,
  Pull,
  type Receiver,
  Rep,
  Req as OurReq,
  type Sender,
  type Socket,
  type SocketEvent,
} from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { buildPackage, type Package } from "./package.ts";

let built: Package;
let page: typeof All;

before(async () => {
  built = await buildPackage();
  page = await import(pathToFileURL(join(built.folder, "browser.js")).href);
});
after(() => built.remove());

test("it subscribes over WebSocket, and is sent what it subscribed to", async () => {
  await using pub = new Pub();
  const { address } = await pub.bind("ws://127.0.0.1:0");
  await using sub = new page.Sub({ subscribe: "weather" });
  sub.connect(address);
  await pub.peers(1);
  await pub.send("sports: 0:0");
  await pub.send("weather: rain");
  assert.equal(text(await sub.receive()), "weather: rain");
});

test("it asks over WebSocket, and answers", async () => {
  await using rep = new Rep();
  const { address } = await rep.bind("ws://127.0.0.1:0/service");
  rep.serve((question) => question.toReversed());
  await using req = new page.Req();
  req.connect(address);
  assert.equal(text(await req.request("abc")), "cba");

  await using asker = new OurReq();
  const listener = await asker.bind("ws://127.0.0.1:0");
  await using answerer = new page.Rep();
  answerer.connect(listener.address);
  answerer.serve((question) => `re: ${text(question)}`);
  assert.equal(text(await asker.request("hello")), "re: hello");
});

test("its publisher knows prefixes as ours does", async () => {
  await using pub = new page.Pub();
  await pub.bind("inproc://one-file-prefixes");
  await using sub = new page.Sub({ subscribe: ["a", "ab", "b"] });
  sub.connect("inproc://one-file-prefixes");
  await pub.peers(1);
  sub.unsubscribe("b");
  sub.subscribe("");
  sub.unsubscribe("");
  for (const message of ["b", "", "abc", "ac", "xa"]) await pub.send(message);
  await pub.send("a: end");
  const got: string[] = [];
  do got.push(text(await sub.receive())); while (!got.at(-1)!.endsWith("end"));
  assert.deepEqual(got, ["abc", "ac", "a: end"]);
});

test("a survey, a pipeline, a pair and a bus work within it", async () => {
  await using surveyor = new page.Surveyor({ deadline: 10_000 });
  await surveyor.bind("inproc://one-file-survey");
  await using respondent = new page.Respondent();
  respondent.connect("inproc://one-file-survey");
  respondent.serve(() => "here");
  await surveyor.peers(1);
  const reader = surveyor.survey("who?").getReader();
  assert.equal(text((await reader.read()).value!), "here");
  await reader.cancel();

  const pairs: [left: new () => Sender & Socket, right: new () => Receiver & Socket][] = [
    [page.Push, page.Pull],
    [page.Pair, page.Pair],
    [page.Bus, page.Bus],
  ];
  for (const [Left, Right] of pairs) {
    const address = `inproc://one-file-${Left.name}-${Math.random()}`;
    await using left = new Left();
    await using right = new Right();
    await right.bind(address);
    left.connect(address);
    await Promise.all([left.peers(1), right.peers(1)]);
    await left.send("hello");
    assert.equal(text(await right.receive()), "hello");
  }
});

test("an address of another scheme is refused with the schemes that there are", () => {
  const pull = new page.Pull();
  assert.throws(() => pull.connect("tcp://127.0.0.1:5555"), {
    code: "EINVAL",
    message: 'Cannot connect to "tcp://127.0.0.1:5555": unknown scheme "tcp", ' +
      "expected one of inproc://, ws://, wss://",
  });
  return pull.close();
});

test("what a page cannot do, it says", async () => {
  await using pull = new page.Pull();
  await assert.rejects(pull.bind("ws://127.0.0.1:0"), { code: "ENOTSUP" });
  assert.throws(() => pull.connect("ws://127.0.0.1:1/#top"), { code: "EINVAL" });
  assert.throws(() => pull.connect("ws://one two"), { code: "EINVAL" });
  const headers = { webSocket: { headers: { authorization: "x" } } };
  assert.throws(() => pull.connect("ws://127.0.0.1:1", headers), {
    code: "EINVAL",
    message: 'Unknown option "webSocket.headers" in connect\'s options; ' +
      "there are: webSocket.maxBacklog, webSocket.sendText",
  });
  assert.throws(() => pull.connect("ws://127.0.0.1:1", { webSocket: { ping: 1000 } }), {
    code: "EINVAL",
    message: /^Unknown option "webSocket.ping"/,
  });
  const { message } = await pull.bind("inproc://x", { tls: {} }).then(
    () => assert.fail("it was bound"),
    (error) => error,
  );
  assert.match(message, /^Unknown option "tls" in bind's options; there are: accept, /);
  assert.doesNotMatch(message, /backlog|ipc|keepAlive|noDelay/);
});

test("a server of another protocol, and nobody at all, are told as events", async () => {
  await using pull = new Pull();
  const { address } = await pull.bind("ws://127.0.0.1:0");
  await using sub = new page.Sub({ subscribe: "", reconnectMin: 1 });
  const events: ReadableStreamDefaultReader<SocketEvent> = sub.events().getReader();
  sub.connect(address);
  const { reason, endpoint } = await nextEvent(events, "connect-failed");
  assert.equal(endpoint, address);
  assert.match(reason.message, /browsers do not say which|subprotocol/);
});

test("a message over the limit closes the connection, and a dialer comes back", async () => {
  await using pub = new Pub();
  const { address } = await pub.bind("ws://127.0.0.1:0");
  await using sub = new page.Sub({ subscribe: "", maxMessageSize: 10, reconnectMin: 1 });
  const events: ReadableStreamDefaultReader<SocketEvent> = sub.events().getReader();
  sub.connect(address);
  await nextEvent(events, "attached");
  await pub.peers(1);
  await pub.send("a long message");
  const { reason } = await nextEvent(events, "detached");
  assert.equal(reason?.code, "EMSGSIZE");
  await nextEvent(events, "attached");
});
