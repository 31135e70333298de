/** `prometheus`: the text that Prometheus scrapes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pub, Pull, Push } from "../../mod.ts";
import * as zmtp from "../../zmtp/mod.ts";
import { prometheus, PROMETHEUS_CONTENT_TYPE } from "../../observe/mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { findPeer } from "../helpers/peers.ts";
import { expectDials, MockPlace } from "../helpers/mock_transport.ts";
import { nextEvent } from "../helpers/next_event.ts";
import { run } from "../helpers/process.ts";
import { peerOf, StubSocket } from "./stubs.ts";

const PROMTOOL = findPeer("promtool", "prometheus");

/** The series of a text, by name and labels. */
function seriesOf(text: string): Map<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const series = new Map(lines.map((line) => {
    const at = line.lastIndexOf(" ");
    return [line.slice(0, at), Number(line.slice(at + 1))];
  }));
  assert.equal(series.size, lines.length, "no series is there twice");
  return series;
}

/** The series of a text that have a value other than 0. */
function notZero(text: string): Record<string, number> {
  return Object.fromEntries([...seriesOf(text)].filter(([, value]) => value !== 0));
}

test("a socket's figures are there, each with its help and its type before it", async () => {
  await using jobs = new Pull();
  await jobs.bind("inproc://prometheus-one");
  await using push = new Push();
  push.connect("inproc://prometheus-one");
  await push.send("12345");
  await jobs.receive();
  await push.send("678");
  await jobs.receive();
  const text = prometheus({ jobs });
  assert.deepEqual(notZero(text), {
    'nanostreams_messages_received_total{socket="jobs",protocol="pull"}': 2,
    'nanostreams_bytes_received_total{socket="jobs",protocol="pull"}': 8,
    'nanostreams_peers{socket="jobs",protocol="pull"}': 1,
    'nanostreams_endpoints{socket="jobs",protocol="pull",role="bind"}': 1,
    'nanostreams_connections_opened_total{socket="jobs",protocol="pull",role="bind"}': 1,
  });
  assert.ok(text.includes(
    "# HELP nanostreams_messages_received_total Messages that came.\n" +
      "# TYPE nanostreams_messages_received_total counter\n" +
      'nanostreams_messages_received_total{socket="jobs",protocol="pull"} 2\n',
  ));
  assert.match(text, /^# TYPE nanostreams_peers gauge$/m);
  assert.ok(text.endsWith("\n") && !text.includes("\n\n"));
});

test("every reason for a drop and the codes of limits are there from the start, with 0", () => {
  const series = seriesOf(prometheus({ a: new StubSocket() }));
  const labels = 'socket="a",protocol="pull"';
  assert.equal(series.get(`nanostreams_drops_total{${labels},reason="overflow"}`), 0);
  assert.equal(series.get(`nanostreams_rejections_total{${labels},code="EMAXPEERS"}`), 0);
  assert.equal(series.get(`nanostreams_rejections_total{${labels},code="EIO"}`), undefined);
});

test("a code that nobody expects is there once it occurs", () => {
  const { connections } = new StubSocket().figures;
  const rejections = { EIO: 2, EPROTO: 1 };
  const socket = new StubSocket({ connections: { ...connections, rejected: 3, rejections } });
  const labels = 'socket="a",protocol="pull"';
  assert.deepEqual(notZero(prometheus({ a: socket })), {
    [`nanostreams_rejections_total{${labels},code="EPROTO"}`]: 1,
    [`nanostreams_rejections_total{${labels},code="EIO"}`]: 2,
  });
});

test("the series of several sockets stand together under one name", () => {
  const text = prometheus({ a: new StubSocket(), b: new StubSocket({ protocol: "pub" }) });
  assert.equal(text.match(/^# TYPE nanostreams_peers /gm)?.length, 1);
  assert.ok(text.includes(
    'nanostreams_peers{socket="a",protocol="pull"} 0\n' +
      'nanostreams_peers{socket="b",protocol="pub"} 0\n',
  ));
});

test("sockets without a name are called by protocol and number, and keep their names", () => {
  const protocol = "unheard-of";
  const [first, second, third] = [1, 2, 3].map(() => new StubSocket({ protocol }));
  const namesOf = (text: string): string[] =>
    [...text.matchAll(/^nanostreams_peers{socket="([^"]*)"/gm)].map(([, name]) => name!);
  assert.deepEqual(namesOf(prometheus([first!, second!])), ["unheard-of-1", "unheard-of-2"]);
  const names = namesOf(prometheus(new Set([third!, second!])));
  assert.deepEqual(names, ["unheard-of-3", "unheard-of-2"]);
  assert.deepEqual(namesOf(prometheus([second!, second!])), ["unheard-of-2"]);
});

test("names come from an object, a Map, or pairs, and two of one name are refused", () => {
  const [a, b] = [new StubSocket(), new StubSocket()];
  assert.equal(prometheus({ a, b }), prometheus(new Map([["a", a], ["b", b]])));
  assert.equal(prometheus({ a, b }), prometheus([["a", a], ["b", b]]));
  assert.throws(() => prometheus([["a", a], ["a", b]]), {
    code: "EINVAL",
    message: 'Cannot call two sockets "a": expected a name for each',
  });
});

test("what is no socket is refused, and so is an option that is none", () => {
  const socket = new StubSocket();
  assert.throws(() => prometheus(socket as never), {
    code: "EINVAL",
    message: "Cannot take one socket as sockets: expected [socket] or { name: socket }",
  });
  assert.throws(() => prometheus({ a: {} as never }), /Cannot read the figures of "a"/);
  assert.throws(() => prometheus([undefined as never]), /Cannot read the figures of undefined/);
  assert.throws(() => prometheus(null as never), /Cannot take null as sockets/);
  assert.throws(() => prometheus([socket], { peer: true } as never), {
    message: `Unknown option "peer" in prometheus's options; there are: endpoints, peers`,
  });
  assert.throws(() => prometheus([socket], { peers: 1 } as never), /expected true or false/);
});

test("names are escaped as the format wants it", () => {
  const text = prometheus([['a "quoted" \\ name\nof two lines', new StubSocket()]]);
  assert.ok(text.includes('{socket="a \\"quoted\\" \\\\ name\\nof two lines",protocol'));
});

test("no socket gives an empty text", () => {
  assert.equal(prometheus([]), "");
  assert.equal(PROMETHEUS_CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
});

test("a socket is looked at once, and its series do not grow with its peers", () => {
  const lonely = new StubSocket();
  const peers = Array.from({ length: 10_000 }, (_, id) => peerOf(id));
  const popular = new StubSocket({ peers });
  const count = seriesOf(prometheus({ socket: lonely })).size;
  assert.equal(seriesOf(prometheus({ socket: popular })).size, count);
  assert.equal(popular.looks, 1);
  assert.ok(count < 50, `${count} series`);
});

test("each peer has series of its own if that is asked for", () => {
  const peers = [
    peerOf(1, { messagesReceived: 3, drops: { "peer-gone": 1 } }),
    peerOf(2, { remoteAddress: "ipc:///same" }),
    peerOf(3, { remoteAddress: "ipc:///same" }),
  ];
  const text = prometheus({ a: new StubSocket({ peers }) }, { peers: true });
  const labels = 'socket="a",protocol="pull",endpoint="tcp://127.0.0.1:5555"';
  const one = `${labels},peer="tcp://10.0.0.1:1",id="1"`;
  const found = notZero(text);
  assert.equal(found[`nanostreams_peer_messages_received_total{${one}}`], 3);
  assert.equal(found[`nanostreams_peer_drops_total{${one},reason="peer-gone"}`], 1);
  assert.equal(
    seriesOf(text).get(`nanostreams_peer_unsent_bytes{${labels},peer="ipc:///same",id="3"}`),
    0,
  );
});

test("endpoints have series of their own if that is asked for; those of one address are added up", async () => {
  await using push = new Push();
  const events = push.events().getReader();
  const address = expectDials();
  for (let dialer = 0; dialer < 2; dialer++) {
    push.connect(address, { reconnectMin: 60_000, reconnectMax: 60_000 });
    await nextEvent(events, "connect-failed");
  }
  await push.bind("inproc://prometheus-bound");
  const labels = `socket="push",protocol="push",endpoint="${address}",role="connect"`;
  const series = seriesOf(prometheus({ push }, { endpoints: true }));
  assert.equal(series.get(`nanostreams_endpoint_connect_errors_total{${labels}}`), 2);
  assert.equal(series.get(`nanostreams_endpoint_peers{${labels}}`), 0);
  const bound = labels.replace(address, "inproc://prometheus-bound").replace('"connect"', '"bind"');
  assert.equal(series.get(`nanostreams_endpoint_peers{${bound}}`), 0);
  assert.equal(
    series.get('nanostreams_connect_errors_total{socket="push",protocol="push"}'),
    2,
  );
});

test("an address is shown without its password and its query", () => {
  const address = "ws://ann:secret@10.0.0.1:80/path?token=secret";
  const { connections } = new StubSocket().figures;
  const endpoint = { ...connections, role: "connect", peers: 0, inProgress: 0 } as const;
  const text = prometheus({
    a: new StubSocket({
      endpoints: [{ ...endpoint, address }],
      peers: [peerOf(1, { endpoint: address })],
    }),
  }, { endpoints: true, peers: true });
  assert.ok(!text.includes("secret"));
  assert.match(text, /^nanostreams_endpoint_peers{.*endpoint="ws:\/\/…@10.0.0.1:80\/path\?…"/m);
});

test("counters do not go down when peers go, when what waits is taken back, or when endpoints close", async () => {
  await using push = new Push({ linger: 0 });
  const place = await MockPlace.of(push);
  const events = push.events().getReader();
  const seen: number[][] = [];
  const look = (): void => {
    const series = seriesOf(prometheus({ push }));
    const labels = 'socket="push",protocol="push"';
    seen.push([
      series.get(`nanostreams_messages_sent_total{${labels}}`)!,
      series.get(`nanostreams_bytes_sent_total{${labels}}`)!,
      series.get(`nanostreams_connections_opened_total{${labels},role="bind"}`)!,
      series.get(`nanostreams_unsent_messages{${labels}}`)!,
    ]);
  };
  const first = await place.peer();
  await push.send("12345");
  await first.sent(1);
  look();
  first.hangUp();
  await nextEvent(events, "detached");
  look();
  const stuck = await place.peer({ stuck: true });
  await push.send("1");
  await stuck.sent(1);
  for (let message = 0; message < 4; message++) await push.send("1234567890");
  assert.equal(push.stats().messagesSent, 6);
  look();
  // What the connection does not hold yet is taken back, and counts as sent no longer.
  stuck.break();
  await nextEvent(events, "detached");
  assert.ok(push.stats().messagesSent < 6);
  look();
  const last = await place.peer();
  await last.sent(4);
  look();
  for (const [at, name] of ["messages", "bytes", "connections"].entries()) {
    const values = seen.map((figures) => figures[at]!);
    assert.deepEqual(values, values.toSorted((a, b) => a - b), name);
  }
  assert.deepEqual(
    seen.map(([messages, , connections, unsent]) => [messages, connections, unsent]),
    [
      [1, 1, 0],
      [1, 1, 0],
      [1, 2, 5],
      [2, 2, 0],
      [6, 3, 0],
    ],
  );
  assert.deepEqual(seen.at(-1), [6, 46, 3, 0]);
});

test("bytes sent do not go down by the frames of what waits", () => {
  const socket = new StubSocket({ protocol: "push" });
  const seen = [[100, 0], [110, 18], [120, 0]].map(([bytesSent = 0, queuedBytes = 0]) => {
    const peers = [peerOf(1, { bytesSent, queuedBytes })];
    socket.figures = { ...socket.figures, bytesSent, peers };
    const text = prometheus({ push: socket }, { peers: true });
    return [...text.matchAll(/^nanostreams_(?:peer_)?bytes_sent_total{.*} (\d+)$/gm)]
      .map(([, value]) => Number(value));
  });
  assert.deepEqual(seen, [[100, 100], [100, 100], [120, 120]]);
});

test("a closed socket keeps its counters, and its gauges are 0", async () => {
  const pull = new Pull();
  const place = await MockPlace.of(pull);
  (await place.peer()).deliver(utf8("read"), utf8("not read"));
  await pull.receive();
  await pull.close();
  const found = notZero(prometheus({ pull }, { endpoints: true, peers: true }));
  const labels = 'socket="pull",protocol="pull"';
  assert.equal(found[`nanostreams_messages_received_total{${labels}}`], 2);
  assert.equal(found[`nanostreams_drops_total{${labels},reason="closed"}`], 1);
  assert.deepEqual(Object.keys(found).filter((name) => !name.includes("_total{")), []);
});

test("sockets of ZMTP have the same figures", async () => {
  await using pull = new zmtp.Pull();
  await pull.bind("inproc://prometheus-zmtp");
  await using push = new zmtp.Push();
  push.connect("inproc://prometheus-zmtp");
  await push.send(["two", "frames"]);
  await pull.receive();
  const found = notZero(prometheus({ pull, push }));
  assert.equal(found['nanostreams_messages_received_total{socket="pull",protocol="pull"}'], 1);
  assert.equal(found['nanostreams_messages_sent_total{socket="push",protocol="push"}'], 1);
});

test("promtool has nothing to say about it", { skip: PROMTOOL.skip }, async () => {
  await using pull = new Pull();
  await using pub = new Pub();
  await pull.bind("inproc://prometheus-promtool");
  await using push = new Push();
  push.connect("inproc://prometheus-promtool");
  await push.peers(1);
  const sockets = { pull, pub, push, 'a "name"\n': new StubSocket({ peers: [peerOf(1)] }) };
  const input = prometheus(sockets, { endpoints: true, peers: true });
  const { code, stdout, stderr } = await run(PROMTOOL.command, ["check", "metrics"], { input });
  assert.deepEqual([code, stdout.toString(), stderr], [0, "", ""]);
});
