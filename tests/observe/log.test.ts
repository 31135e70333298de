/** `logEvents`: a line for each event. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, type PeerInfo, Pull, Rep, Req, type SocketEvent, SPError } from "../../mod.ts";
import * as zmtp from "../../zmtp/mod.ts";
import { type EventLog, logEvents, type Logger, type LogOptions } from "../../observe/mod.ts";
import { HeldTimers } from "../helpers/held_timers.ts";
import { run } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { StubSocket } from "./stubs.ts";

/** Keeps lines, each with its level. */
class Lines implements Logger {
  readonly all: string[] = [];
  readonly #watchers: Set<() => void> = new Set();
  debug = (line: string): void => this.#add("debug", line);
  info = (line: string): void => this.#add("info", line);
  warn = (line: string): void => this.#add("warn", line);
  error = (line: string): void => this.#add("error", line);

  /** Resolves once there are so many. */
  async count(wanted: number): Promise<void> {
    while (this.all.length < wanted) {
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  #add(level: string, line: string): void {
    this.all.push(`${level}: ${line}`);
    for (const watcher of this.#watchers) watcher();
    this.#watchers.clear();
  }
}

const PEER: PeerInfo = {
  id: 1,
  protocol: "req",
  endpoint: "tcp://127.0.0.1:5555",
  role: "bind",
  remoteAddress: "tcp://10.0.0.3:4711",
  localAddress: "tcp://127.0.0.1:5555",
  headers: new Headers({ authorization: "secret" }),
  identity: new TextEncoder().encode("secret"),
  metadata: { token: "secret" },
};
const ENDPOINT = PEER.endpoint;

/** The lines of some events, of a socket that closes after them. */
async function linesOf(
  events: readonly SocketEvent[],
  options: LogOptions = {},
): Promise<string[]> {
  const socket = new StubSocket({ protocol: "rep" });
  const lines = new Lines();
  const log = logEvents(socket, lines, options);
  for (const event of events) socket.emit(event);
  socket.close();
  await log.ended;
  return lines.all;
}

const reason = new SPError("EPROTO", "The peer broke the protocol");

const EXPECTED: readonly (readonly [event: SocketEvent, line: string])[] = [
  [{ type: "attached", peer: PEER }, "info: rep ENDPOINT: peer 10.0.0.3:4711 (req) attached"],
  [{ type: "detached", peer: PEER }, "info: rep ENDPOINT: peer 10.0.0.3:4711 (req) detached"],
  [
    { type: "detached", peer: PEER, reason },
    "warn: rep ENDPOINT: peer 10.0.0.3:4711 (req) detached: The peer broke the protocol",
  ],
  [
    { type: "rejected", endpoint: ENDPOINT, remoteAddress: "tcp://10.0.0.3:1", reason, count: 1 },
    "warn: rep ENDPOINT: connection from 10.0.0.3:1 rejected: The peer broke the protocol",
  ],
  [
    { type: "rejected", endpoint: ENDPOINT, remoteAddress: "tcp://10.0.0.3:1", reason, count: 9 },
    "warn: rep ENDPOINT: 9 connections, the last from 10.0.0.3:1, rejected: The peer broke the protocol",
  ],
  [
    {
      type: "connect-failed",
      endpoint: ENDPOINT,
      reason: new SPError(
        "ECONNREFUSED",
        `Cannot connect to "${ENDPOINT}": connection refused (ECONNREFUSED)`,
      ),
      retryIn: 99.7,
    },
    "warn: rep ENDPOINT: cannot connect: connection refused (ECONNREFUSED); next try in 100 ms",
  ],
  [
    { type: "gave-up", endpoint: ENDPOINT, attempts: 1, reason },
    "error: rep ENDPOINT: gave up after 1 try: The peer broke the protocol",
  ],
  [
    { type: "accept-failed", endpoint: ENDPOINT, reason, count: 2 },
    "error: rep ENDPOINT: cannot accept (2 times): The peer broke the protocol",
  ],
  [
    { type: "request-resent", peer: PEER, attempt: 2, reason: "no-reply" },
    "warn: rep ENDPOINT: request sent again, to peer 10.0.0.3:4711 (req), attempt 2: no reply came",
  ],
  [
    { type: "handler-failed", peer: PEER, error: new TypeError("It is no number") },
    "error: rep ENDPOINT: handler failed for peer 10.0.0.3:4711 (req): TypeError: It is no number",
  ],
  [{ type: "send-waits", reason: "no-peer" }, "debug: rep: sending waits: nobody is connected"],
  [{ type: "send-waits", reason: "full" }, "debug: rep: sending waits: the queues are full"],
  [
    { type: "missed", count: 3 },
    "warn: rep: 3 events missed: they came faster than they were read",
  ],
  [{ type: "dropped", reason: "closed", count: 1 }, "warn: rep: 1 message dropped (closed)"],
  [
    { type: "dropped", peer: PEER, reason: "overflow", count: 12 },
    "warn: rep ENDPOINT: peer 10.0.0.3:4711 (req): 12 messages dropped (overflow)",
  ],
];

for (const [event, line] of EXPECTED) {
  test(`an event "${event.type}" is the line "${line.replace("ENDPOINT", "…")}"`, async () => {
    assert.deepEqual(await linesOf([event]), [line.replace("ENDPOINT", ENDPOINT)]);
  });
}

test("a malformed message's error is shown, without what it quotes of the message", async () => {
  for (const text of ["secret", '{"secret": ', '"secret', "{secret: 'secret'}"]) {
    let error: unknown;
    try {
      JSON.parse(text);
    } catch (thrown) {
      error = thrown;
    }
    const event = { type: "dropped", peer: PEER, reason: "malformed", count: 1, error } as const;
    const [line] = await linesOf([event]);
    assert.match(line!, /: 1 message dropped \(malformed\): SyntaxError: \w+/);
    assert.ok(!line!.includes("secret"), line);
  }
});

test("no line has a header, an identity, metadata, a password or a query", async () => {
  const endpoint = "ws://ann:secret@127.0.0.1:80/path?token=secret";
  const failed = new SPError("EIO", `Cannot connect to "${endpoint}": "${endpoint}" failed`);
  const lines = await linesOf([
    ...EXPECTED.map(([event]) => event),
    { type: "attached", peer: { ...PEER, endpoint, path: "/path?token=secret" } },
    { type: "rejected", endpoint, remoteAddress: endpoint, reason: failed, count: 1 },
    { type: "connect-failed", endpoint, reason: failed, retryIn: 1 },
    { type: "handler-failed", peer: PEER, error: { secret: "secret" } },
    { type: "handler-failed", peer: PEER, error: new Error('got "secret"') },
  ], { linesPerSecond: Infinity });
  assert.equal(lines.length, EXPECTED.length + 5);
  assert.deepEqual(lines.filter((line) => line.includes("secret")), []);
  const attached = "info: rep ws://…@127.0.0.1:80/path?…: peer 10.0.0.3:4711 (req) attached";
  assert.ok(lines.includes(attached));
});

test("a line is one line, whatever a peer has said", async () => {
  const evil = new SPError("EPROTO", "a\nrep: b\r\x1b[31m\u2028");
  const [line] = await linesOf([{ type: "detached", peer: PEER, reason: evil }]);
  assert.ok(line!.endsWith(": a\\x0arep: b\\x0d\\x1b[31m\\u2028"), line);
});

test("an error that throws when it is looked at is a line as well", async () => {
  const error = new Error("hello");
  Object.defineProperty(error, "message", {
    get: () => {
      throw new Error("no");
    },
  });
  const [line] = await linesOf([{ type: "handler-failed", peer: PEER, error }]);
  assert.ok(
    line!.endsWith("handler failed for peer 10.0.0.3:4711 (req): an error that has no text"),
  );
});

test("the name, and the levels, are as they are given", async () => {
  const events: SocketEvent[] = [
    { type: "attached", peer: PEER },
    { type: "detached", peer: PEER },
  ];
  const levels = { attached: "debug", detached: "off" } as const;
  assert.deepEqual(await linesOf(events, { name: "jobs", levels }), [
    `debug: jobs ${ENDPOINT}: peer 10.0.0.3:4711 (req) attached`,
  ]);
});

test("of each type there are so many lines a second, then one that counts the rest", async () => {
  using timers = new HeldTimers((time) => time === 1000);
  const socket = new StubSocket({ protocol: "rep" });
  const lines = new Lines();
  const log = logEvents(socket, lines, { linesPerSecond: 2 });
  for (let i = 0; i < 5; i++) socket.emit({ type: "dropped", reason: "overflow", count: 10 });
  socket.emit({ type: "attached", peer: PEER });
  await lines.count(3);
  assert.deepEqual(lines.all.map((line) => line.split(": ").at(-1)), [
    "10 messages dropped (overflow)",
    "10 messages dropped (overflow)",
    "peer 10.0.0.3:4711 (req) attached",
  ]);
  assert.equal(timers.set, 1);
  timers.fire();
  assert.equal(lines.all.at(-1), "warn: rep: 30 more messages dropped in the last second");
  assert.deepEqual(timers.times, [], "no timer runs while nothing happens");
  socket.emit({ type: "dropped", reason: "overflow", count: 1 });
  await lines.count(5);
  assert.equal(lines.all.at(-1), "warn: rep: 1 message dropped (overflow)");
  socket.close();
  await log.ended;
  assert.equal(lines.all.length, 5);
  assert.deepEqual(timers.times, []);
});

test("when the socket closes, the rest is told at once", async () => {
  const events = Array.from({ length: 5 }, (): SocketEvent => ({ type: "missed", count: 1 }));
  const lines = await linesOf(events, { linesPerSecond: 1 });
  assert.deepEqual(lines.slice(1), ["warn: rep: 4 more events missed in the last second"]);
});

test("a logger that throws costs its line, and three times in a row the log", async () => {
  const socket = new StubSocket();
  let calls = 0;
  const written: string[] = [];
  const fails = (line: string): void => {
    if (++calls !== 2) throw new Error("The disk is full");
    written.push(line);
  };
  const log = logEvents(socket, { debug: fails, info: fails, warn: fails, error: fails });
  for (let i = 0; i < 9; i++) socket.emit({ type: "missed", count: i });
  await log.ended;
  assert.deepEqual([calls, written.length], [5, 1]);
});

test("a logger whose promises reject is no unhandled rejection, and is not asked for ever", async () => {
  const socket = new StubSocket();
  let calls = 0;
  const rejects = (): Promise<void> => {
    calls++;
    return Promise.reject(new Error("The disk is full"));
  };
  const log = logEvents(socket, { debug: rejects, info: rejects, warn: rejects, error: rejects });
  for (let i = 0; i < 9; i++) {
    socket.emit({ type: "missed", count: i });
    await new Promise((resolve) => setTimeout(resolve));
  }
  await log.ended;
  assert.ok(calls >= 3 && calls < 9, `${calls} calls`);
});

test("the handle ends the log, and leaves the socket open", async () => {
  await using pair = new Pair();
  const lines = new Lines();
  {
    await using _log: EventLog = logEvents(pair, lines);
  }
  await pair.bind("inproc://log-handle");
  await using other = new Pair();
  other.connect("inproc://log-handle");
  await pair.peers(1);
  assert.deepEqual(lines.all, []);
});

test("sockets of both wires are followed to their end", async () => {
  for (const [Server, Client] of [[Rep, Req], [zmtp.Rep, zmtp.Req]] as const) {
    const rep = new Server();
    const lines = new Lines();
    const log = logEvents(rep, lines);
    await rep.bind("inproc://log-wires");
    await using req = new Client();
    req.connect("inproc://log-wires");
    await rep.peers(1);
    await rep.close();
    await log.ended;
    assert.deepEqual(lines.all, [
      "info: rep inproc://log-wires: peer (req) attached",
      "info: rep inproc://log-wires: peer (req) detached",
    ]);
  }
});

test("a log of a socket that is closed ends at once", async () => {
  const pull = new Pull();
  await pull.close();
  await logEvents(pull, new Lines()).ended;
});

test("an option that is none, or wrong, is refused", () => {
  const attempt = (options: object) => () => logEvents(new StubSocket(), console, options);
  assert.throws(attempt({ level: "info" }), {
    code: "EINVAL",
    message:
      `Unknown option "level" in logEvents's options; there are: levels, linesPerSecond, name`,
  });
  assert.throws(attempt({ linesPerSecond: 0 }), /expected a whole number above 0, or Infinity/);
  assert.throws(attempt({ levels: { attached: "loud" } }), /expected an object of "debug"/);
  assert.throws(attempt({ levels: { opened: "info" } }), /expected an object of "debug"/);
});

test("what is no logger is refused at once", () => {
  for (
    const [logger, missing] of [
      [undefined, "debug"],
      [() => {}, "debug"],
      [{ debug: () => {}, info: "" }, "info"],
    ] as const
  ) {
    assert.throws(() => logEvents(new StubSocket(), logger as never), {
      code: "EINVAL",
      message: `Cannot write a log: the logger has no function "${missing}"`,
    });
  }
});

test("neither the log nor its timer keeps a process alive", async () => {
  const code = `
    const { Pair } = await import(${JSON.stringify(`file://${PROJECT}/mod.ts`)});
    const { logEvents } = await import(${JSON.stringify(`file://${PROJECT}/observe/mod.ts`)});
    const left = new Pair(), right = new Pair();
    const { setTimeout } = globalThis;
    // Should it hold the process, then for longer than the test has patience.
    globalThis.setTimeout = (callback, time) => setTimeout(callback, time === 1000 ? 1e8 : time);
    logEvents(left, console);
    await left.bind("inproc://alive");
    right.connect("inproc://alive");
    await right.peers(1);
  `;
  const args = CURRENT.name === "deno" ? ["eval", "--quiet"] : ["-e"];
  const { code: status, stdout, stderr } = await run(CURRENT.command, [...args, code]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(stdout.toString(), "pair inproc://alive: peer (pair) attached\n");
});
