/** The texts of the reports: events, statistics, the progress bar, colours. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hasColours, painter } from "../../../cli/nanostreams/report/colours.ts";
import { tell, tellBound, tellJson } from "../../../cli/nanostreams/report/events.ts";
import { bytes, count, counted, time } from "../../../cli/nanostreams/report/figures.ts";
import { Bar } from "../../../cli/nanostreams/report/progress.ts";
import { type Sum, sumOf, Tally } from "../../../cli/nanostreams/report/stats.ts";
import { type PeerInfo, Pull, type SocketEvent, SPError } from "../../../mod.ts";

const NOW = new Date("2026-01-02T03:04:05.678Z");
const PEER: PeerInfo = {
  id: 1,
  protocol: "pull",
  endpoint: "tcp://example.org:5555",
  role: "connect",
  remoteAddress: "tcp://10.0.0.7:5555",
  localAddress: "tcp://10.0.0.8:40000",
};
const REFUSED = new SPError("ECONNREFUSED", 'Cannot connect to "tcp://x:1": nobody listens there');
const text = (event: SocketEvent): string => tell(event).text;
const plain = (_style: string, word: string): string => word;

test("figures are read at a glance", () => {
  assert.deepEqual([count(0), count(1234567.6)], ["0", "1,234,568"]);
  assert.deepEqual([counted(1, "peer"), counted(2000, "peer")], ["1 peer", "2,000 peers"]);
  const sizes = [0, 999, 999.6, 1000, 12_340, 999_600, 1e15].map(bytes);
  assert.deepEqual(sizes, ["0 B", "999 B", "1 kB", "1 kB", "12.3 kB", "1 MB", "1000 TB"]);
  const times = [0.01234, 0.9996, 12.34, 999.6, 59_940, 59_960, 125_000].map(time);
  assert.deepEqual(times, [
    "12.3 µs",
    "1 ms",
    "12.3 ms",
    "1 s",
    "59.9 s",
    "1 min 0 s",
    "2 min 5 s",
  ]);
});

test("each event is one sentence", () => {
  const bound = { ...PEER, role: "bind", protocol: "push" } as const;
  const told: [SocketEvent, string][] = [
    [{ type: "attached", peer: PEER }, "connected to tcp://10.0.0.7:5555 (pull)"],
    [
      { type: "attached", peer: bound },
      "accepted tcp://10.0.0.7:5555 (push) at tcp://example.org:5555",
    ],
    [
      { type: "attached", peer: { ...PEER, identity: new TextEncoder().encode("me") } },
      'connected to tcp://10.0.0.7:5555 (pull "me")',
    ],
    [
      { type: "attached", peer: { ...PEER, identity: Uint8Array.of(255) } },
      'connected to tcp://10.0.0.7:5555 (pull "base64 /w==")',
    ],
    [{ type: "detached", peer: PEER }, "lost tcp://10.0.0.7:5555 (pull)"],
    [
      { type: "detached", peer: PEER, reason: new SPError("ECONNRESET", "It broke") },
      "lost tcp://10.0.0.7:5555 (pull): It broke",
    ],
    [
      {
        type: "rejected",
        endpoint: "tcp://a:1",
        remoteAddress: "tcp://b:2",
        reason: REFUSED,
        count: 1,
      },
      `refused tcp://b:2 at tcp://a:1: ${REFUSED.message}`,
    ],
    [
      {
        type: "rejected",
        endpoint: "tcp://a:1",
        remoteAddress: "tcp://b:2",
        reason: REFUSED,
        count: 9,
      },
      `refused 9 connections, the last from tcp://b:2, at tcp://a:1: ${REFUSED.message}`,
    ],
    [
      { type: "connect-failed", endpoint: "tcp://x:1", reason: REFUSED, retryIn: 81.5 },
      'cannot connect to "tcp://x:1": nobody listens there; next try in 81.5 ms',
    ],
    [
      { type: "gave-up", endpoint: "tcp://x:1", attempts: 3, reason: REFUSED },
      `gave up tcp://x:1 after 3 tries: ${REFUSED.message}`,
    ],
    [
      { type: "accept-failed", endpoint: "tcp://x:1", reason: REFUSED, count: 2 },
      'cannot connect to "tcp://x:1": nobody listens there (2 times)',
    ],
    [
      { type: "request-resent", peer: PEER, attempt: 2, reason: "no-reply" },
      "sent a request again, to tcp://10.0.0.7:5555 (pull), the 2nd time: there was no reply",
    ],
    [
      { type: "request-resent", peer: PEER, attempt: 11, reason: "peer-lost" },
      "sent a request again, to tcp://10.0.0.7:5555 (pull), the 11th time: its peer was lost",
    ],
    [
      { type: "handler-failed", peer: PEER, error: new Error("no") },
      "a question of tcp://10.0.0.7:5555 (pull) is not answered: no",
    ],
    [{ type: "send-waits", reason: "no-peer" }, "sending waits: nobody is connected"],
    [{ type: "send-waits", reason: "full" }, "sending waits: the queues are full"],
    [{ type: "missed", count: 1 }, "1 event came too fast to be reported"],
    [{ type: "dropped", reason: "closed", count: 1 }, "dropped 1 message: closed"],
    [
      { type: "dropped", peer: PEER, reason: "overflow", count: 2000 },
      "dropped 2,000 messages of tcp://10.0.0.7:5555 (pull): overflow",
    ],
  ];
  assert.deepEqual(told.map(([event]) => text(event)), told.map(([, sentence]) => sentence));
});

test("a peer's words do nothing to a terminal", () => {
  const reason = new SPError("EREJECTED", "\x1b]0;title\x07\u202e\nnext");
  const event = { type: "detached", peer: PEER, reason } as const;
  const sentence = "lost tcp://10.0.0.7:5555 (pull): \\x1b]0;title\\x07\\u202e\\nnext";
  assert.equal(text(event), sentence);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(tellJson(event, NOW), /[\x00-\x1f\x7f-\x9f\u202e]/);
});

test("each event is one JSON object, with its time, and without headers", () => {
  const peer = {
    ...PEER,
    identity: Uint8Array.of(0, 255),
    headers: new Headers({ authorization: "Bearer secret" }),
  };
  const event = { type: "detached", peer, reason: REFUSED } as const;
  assert.deepEqual(JSON.parse(tellJson(event, NOW)), {
    time: "2026-01-02T03:04:05.678Z",
    event: "detached",
    peer: { ...PEER, identity: { base64: "AP8=" } },
    reason: { code: "ECONNREFUSED", message: REFUSED.message },
  });
  const named = { ...PEER, identity: new TextEncoder().encode("me") };
  assert.equal(JSON.parse(tellJson({ type: "attached", peer: named }, NOW)).peer.identity, "me");
  assert.deepEqual(JSON.parse(tellBound("tcp://a:1", NOW)), {
    time: "2026-01-02T03:04:05.678Z",
    event: "bound",
    address: "tcp://a:1",
  });
});

test("statistics of several sockets are added up", async () => {
  const [one, other] = [new Pull(), new Pull()];
  const [a, b] = [one.stats(), other.stats()];
  await Promise.all([one.close(), other.close()]);
  const busy = { ...a, messagesReceived: 3, bytesReceived: 30, drops: { late: 1, ttl: 2 } };
  const sum = sumOf([busy, { ...b, messagesReceived: 4, messagesSent: 1, drops: { late: 5 } }]);
  assert.deepEqual(sum, {
    sent: { messages: 1, bytes: 0 },
    received: { messages: 7, bytes: 30 },
    filtered: 0,
    drops: { late: 6, ttl: 2 },
    peers: 0,
  });
});

const QUIET: Sum = {
  sent: { messages: 0, bytes: 0 },
  received: { messages: 0, bytes: 0 },
  filtered: 0,
  drops: {},
  peers: 0,
};

test("a line of statistics has the sums, and the rates since the last line", () => {
  const tally = new Tally(1000);
  assert.equal(tally.look({ ...QUIET, peers: 2 }, 2000), "1 s  no messages  2 peers");
  const busy: Sum = {
    sent: { messages: 5000, bytes: 500_000 },
    received: { messages: 10, bytes: 1000 },
    filtered: 7,
    drops: { overflow: 11, ttl: 1 },
    peers: 1,
  };
  assert.equal(
    tally.look(busy, 4000),
    "3 s  sent 5,000 (2,500/s, 250 kB/s)  received 10 (5/s, 500 B/s)  filtered 7  " +
      "dropped 12 (overflow 11, ttl 1)  1 peer",
  );
  assert.equal(
    tally.look(busy, 5000),
    "4 s  sent 5,000 (0/s, 0 B/s)  received 10 (0/s, 0 B/s)  filtered 7  " +
      "dropped 12 (overflow 11, ttl 1)  1 peer",
  );
  assert.deepEqual(tally.table(plain), [
    "in 4 s            messages      bytes   messages/s      bytes/s",
    "sent                 5,000     500 kB        1,250       125 kB",
    "received                10       1 kB            3        250 B",
    "filtered                 7",
    "dropped                 11  overflow",
    "dropped                  1  ttl",
  ]);
});

test("a table of nothing says so", () => {
  const tally = new Tally(0);
  tally.look(QUIET, 2000);
  assert.match(tally.table(plain)[1]!, /^sent +0 +0 B +0 +0 B$/);
});

test("the bar shows how much is done, how fast, and how long it takes", () => {
  const bar = new Bar(1000, 0);
  const texts = [[0, 1000], [500, 3000]].map(([done, now]) => bar.text(done!, now!, 60));
  assert.deepEqual(texts, [
    "[>                                   ]  0%  0 of 1,000  0/s",
    "[===========>          ] 50%  500 of 1,000  250/s  2 s left",
  ]);
  assert.match(bar.text(1000, 5000, 80), /^\[=+\]100% {2}1,000 of 1,000 {2}250\/s {2}in 4 s$/);
  // More than there were to be is no more than all.
  assert.match(bar.text(2000, 5000, 80), /^\[=+\]100%/);
});

test("the bar fits any terminal, and has none of a bar where there is no end", () => {
  const widths = [1, 10, 30, 45, 80, 200].map((columns) => {
    const { length } = new Bar(1000, 0).text(500, 1000, columns);
    return length < columns;
  });
  assert.deepEqual(widths, [true, true, true, true, true, true]);
  const counter = new Bar(undefined, 0);
  counter.text(0, 1000, 80);
  assert.equal(counter.text(500, 2000, 80), "500  500/s");
  assert.match(new Bar(0, 0).text(0, 5, 80), /100% {2}0 of 0/);
});

test("colours are for terminals, unless FORCE_COLOR or NO_COLOR say something else", () => {
  const [terminal, pipe] = [{ isTTY: true }, {}];
  assert.equal(hasColours(terminal, {}), true);
  assert.equal(hasColours(pipe, {}), false);
  assert.equal(hasColours(terminal, { NO_COLOR: "1" }), false);
  assert.equal(hasColours(terminal, { NO_COLOR: "" }), true);
  assert.equal(hasColours(terminal, { TERM: "dumb" }), false);
  assert.equal(hasColours(pipe, { FORCE_COLOR: "1" }), true);
  assert.equal(hasColours(pipe, { FORCE_COLOR: "1", NO_COLOR: "1" }), true);
  assert.equal(hasColours(terminal, { FORCE_COLOR: "0" }), false);
  assert.equal(hasColours(terminal, { FORCE_COLOR: "" }), true);
  assert.equal(painter(pipe, {})("red", "no"), "no");
  assert.equal(painter(pipe, { FORCE_COLOR: "1" })("red", "no"), "\x1b[31mno\x1b[39m");
});
