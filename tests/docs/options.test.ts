/** `docs/options.md`: whether it has every option of every class and call, no other, and the defaults that the code has. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as sp from "../../mod.ts";
import { resolveEndpointOptions } from "../../src/surface/options.ts";
import {
  DEFAULT_BROADCAST_BUFFER,
  DEFAULT_RECEIVE_BUFFER,
  DEFAULT_SEND_BUFFER,
} from "../../src/socket/socket.ts";
import { PAGE_RULES } from "../../transports/ws/page.ts";
import * as zmtp from "../../zmtp/mod.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "../../zmtp/options.ts";
import { documentedDefaults } from "./defaults.ts";
import { codes, readPage, tables } from "./pages.ts";

/** What takes options, by what the page calls it. */
type Takers = Record<string, (options: object) => unknown>;

/** One row of a table of options. */
interface Row {
  readonly option: string;
  /** Which of the takers have it. */
  readonly takers: readonly string[];
  readonly defaults: string;
  readonly where: string;
}

const page = await readPage("options.md");

const SP = {
  Bus: sp.Bus,
  Pair: sp.Pair,
  Pair1: sp.Pair1,
  Pub: sp.Pub,
  Pull: sp.Pull,
  Push: sp.Push,
  Rep: sp.Rep,
  Req: sp.Req,
  Respondent: sp.Respondent,
  Sink: sp.Sink,
  Source: sp.Source,
  Sub: sp.Sub,
  Surveyor: sp.Surveyor,
};

const ZMTP = {
  Dealer: zmtp.Dealer,
  Pair: zmtp.Pair,
  Pub: zmtp.Pub,
  Pull: zmtp.Pull,
  Push: zmtp.Push,
  Rep: zmtp.Rep,
  Req: zmtp.Req,
  Router: zmtp.Router,
  Sub: zmtp.Sub,
  XPub: zmtp.XPub,
  XSub: zmtp.XSub,
};

type Class = new (options: never) => sp.Socket;

function classes(all: Record<string, Class>, prefix = ""): Takers {
  return Object.fromEntries(
    Object.entries(all).map(([name, Socket]) => [
      prefix + name,
      (options: object) => new Socket(options as never),
    ]),
  );
}

const pair = new sp.Pair();
const req = new sp.Req();
const rep = new sp.Rep();
const surveyor = new sp.Surveyor();
const pub = new zmtp.Pub();
const request = new zmtp.Req();
const pull = new zmtp.Pull();
const push = new zmtp.Push();

/** Everything that refuses options which it does not know. */
const TAKERS: Takers = {
  ...classes(SP),
  RawSocket: (options) => new sp.RawSocket("bus", options),
  ...classes(ZMTP, "zmtp."),
  bind: (options) => pair.bind("inproc://options", options),
  connect: (options) => pair.connect("inproc://options", options),
  attach: (options) => pair.attach(new TransformStream<Uint8Array, Uint8Array>(), options),
  send: (options) => pair.send("", options),
  receive: (options) => pair.receive(options),
  receiveBatch: (options) => pair.receiveBatch(options),
  peers: (options) => pair.peers(1, options),
  request: (options) => req.request("", options),
  survey: (options) => surveyor.survey("", options),
  responses: (options) => surveyor.responses("", options),
  serve: (options) => rep.serve(() => {}, options),
  close: (options) => pair.close(options),
  drain: (options) => pair.drain(options),
  TextMessageDecoderStream: (options) => new sp.TextMessageDecoderStream(options),
  "zmtp.request": (options) => request.request("", options),
  "zmtp.subscribed": (options) => pub.subscribed("", options),
  "zmtp.subscribers": (options) => pub.subscribers(1, options),
  "zmtp.proxy": (options) => zmtp.proxy(pull, push, options),
};

/** The names that an error lists which refuses an unknown one. */
async function known(take: (options: object) => unknown, group?: string): Promise<string[]> {
  const unknown = { nonsense: true };
  try {
    await take(group === undefined ? unknown : { [group]: unknown });
  } catch (error) {
    const [, names] = /; there are: (.*)$/.exec((error as Error).message) ?? [];
    return names?.split(", ").map((name) => name.replace(/^.*\./, "")) ?? [];
  }
  throw new assert.AssertionError({ message: "an unknown option is taken" });
}

/** Which takers the words of the second column mean. */
function takersOf(words: string, isZmtp: boolean): string[] {
  const isSocket = (name: string): boolean =>
    /(^|\.)([A-Z]\w+)$/.test(name) && !/Stream$/.test(name);
  const sockets = Object.keys(TAKERS).filter(isSocket)
    .filter((name) => !isZmtp || name.startsWith("zmtp."));
  const has = (name: string, member: string): boolean => {
    if (name === "RawSocket") return true;
    const Socket = name.startsWith("zmtp.")
      ? ZMTP[name.slice(5) as keyof typeof ZMTP]
      : SP[name as keyof typeof SP];
    return member in Socket.prototype;
  };
  const found = codes(words).map((name) =>
    isZmtp && `zmtp.${name}` in TAKERS ? `zmtp.${name}` : name
  );
  if (/\bSP sockets\b/.test(words)) {
    const isTaker = (one: string): boolean => !/not raw/.test(words) || one !== "RawSocket";
    found.push(...sockets.filter((one) => !one.includes(".") && isTaker(one)));
  } else if (/\bsockets that send\b/.test(words)) {
    found.push(...sockets.filter((one) => has(one, "send")));
  } else if (/\bsockets that receive\b/.test(words)) {
    found.push(...sockets.filter((one) => has(one, "receive")));
  } else if (/\bsockets\b/.test(words)) found.push(...sockets);
  return found;
}

/** The rows of every table whose first column is options. */
const rows: Row[] = tables(page).filter(({ header }) => header[0] === "option").flatMap(
  ({ section, rows }) =>
    rows.flatMap(([names = "", of = "", defaults = "", , where = ""]) =>
      codes(names).map((option) => ({
        option,
        takers: takersOf(of, /ZMTP/.test(section)),
        defaults,
        where,
      }))
    ),
);

/** The rows of a table of an option's parts: its first column says which. */
function parts(group: string): Row[] {
  return tables(page).filter(({ header }) => header[0] === `in \`${group}\``).flatMap(
    ({ rows }) =>
      rows.flatMap(([names = "", of = "", defaults = "", , where = ""]) =>
        codes(names).map((option) => ({ option, takers: codes(of), defaults, where }))
      ),
  );
}

for (const [name, take] of Object.entries(TAKERS)) {
  test(`the page has the options of ${name}, and no other`, async () => {
    const said = rows.filter(({ takers }) => takers.includes(name)).map(({ option }) => option);
    const taken = await known(take);
    assert.deepEqual(said.sort(), taken.toSorted());
  });
}

test("the page names nothing that takes no options", () => {
  const unknown = rows.flatMap(({ takers }) => takers).filter((name) => !(name in TAKERS));
  // What has a transport behind it, or checks nothing, is not asked here.
  const unasked = new Set([
    "Router.connect",
    "update",
    "device",
    "FrameEncoderStream",
    "FrameDecoderStream",
  ]);
  assert.deepEqual(unknown.filter((name) => !unasked.has(name)), []);
  assert.ok(rows.every(({ takers }) => takers.length > 0));
});

for (const group of ["ipc", "tls", "webSocket"]) {
  test(`the page has the parts of ${group}, and no other`, async () => {
    const said = parts(group).map(({ option }) => option);
    assert.deepEqual(said.sort(), (await known(TAKERS["Push"]!, group)).sort());
  });
}

for (const group of ["curve", "heartbeat", "plain"]) {
  test(`the page has the parts of ZMTP's ${group}, and no other`, async () => {
    const said = parts(group).map(({ option }) => option);
    assert.deepEqual(said.sort(), (await known(TAKERS["zmtp.Push"]!, group)).sort());
  });
}

test("the page has the parts of what is checked as a whole", () => {
  assert.throws(() => new sp.Push({ keepAlive: { nonsense: 1 } } as never), (error: Error) => {
    const [, names] = /expected \{ (.*?) \}/.exec(error.message)!;
    assert.deepEqual(parts("keepAlive").map(({ option }) => option), names!.split(", "));
    return true;
  });
  assert.throws(() => new sp.Push({ tls: { certificates: [{}] } } as never), (error: Error) => {
    const [, names] = /array of \{ (.*?) \}/.exec(error.message)!;
    assert.deepEqual(parts("tls.certificates").map(({ option }) => option), names!.split(", "));
    return true;
  });
});

test("the page says what can change while an address is bound", async () => {
  const { TLS_UPDATE_RULES } = await import("../../transports/tls_rules.ts");
  const said = parts("tls").filter(({ takers }) => takers.includes("update"));
  assert.deepEqual(said.map(({ option }) => option).sort(), Object.keys(TLS_UPDATE_RULES).sort());
});

test("the page says which parts of webSocket a web page has", () => {
  const said = parts("webSocket").filter(({ where }) => /\bbrowsers\b/.test(where));
  assert.deepEqual(said.map(({ option }) => option).sort(), Object.keys(PAGE_RULES).sort());
});

/** A default as the page writes it, as a value. */
function valueOf(text: string): unknown {
  const [, number, unit] = /^`?([\d,]+)`?(?: (KiB|MiB))?$/.exec(text) ?? [];
  if (number !== undefined) {
    return Number(number.replaceAll(",", "")) * (unit === "MiB" ? 2 ** 20 : unit ? 2 ** 10 : 1);
  }
  const [code = text] = codes(text);
  if (code === "Infinity") return Infinity;
  return /^(true|false|".*")$/.test(code) ? JSON.parse(code) : code;
}

test("the page's defaults of endpoints and queues are the code's", () => {
  const resolved: Record<string, unknown> = { ...resolveEndpointOptions({}, {}) };
  const main = rows.filter(({ takers }) =>
    ["Push", "Pull", "bind", "connect"].some((name) => takers.includes(name))
  );
  let compared = 0;
  for (const { option, defaults } of main) {
    if (!(option in resolved)) continue;
    assert.equal(valueOf(defaults), resolved[option], option);
    compared++;
  }
  assert.equal(compared, Object.keys(resolved).length + 1, "maxPeers is twice there");
  const of = (option: string): string => main.find((row) => row.option === option)!.defaults;
  assert.equal(valueOf(of("receiveBuffer")), DEFAULT_RECEIVE_BUFFER);
  const [send, broadcast] = of("sendBuffer").split("; ");
  assert.equal(valueOf(send!), DEFAULT_SEND_BUFFER);
  assert.equal(valueOf(broadcast!.replace(/ .*?$/, " MiB")), DEFAULT_BROADCAST_BUFFER);
  const zmtpMax = rows.filter(({ option }) => option === "maxMessageSize").at(-1)!;
  assert.equal(valueOf(zmtpMax.defaults), DEFAULT_MAX_MESSAGE_SIZE);
});

test("the page's other defaults are those that the options' documentation promises", async () => {
  const documented = await documentedDefaults();
  const groups = ["ipc", "keepAlive", "tls", "webSocket", "curve", "heartbeat", "plain"];
  const wrong: string[] = [];
  for (const { option, defaults } of [...rows, ...groups.flatMap(parts)]) {
    const promised = documented.get(option) ?? new Set();
    const said = defaults === "–"
      ? []
      : defaults.split("; ").map((one) => one.replace(/ \(.*$/, ""));
    for (const one of said) {
      const value = String(valueOf(one));
      if (!promised.has(value)) wrong.push(`${option}: ${value}, promised ${[...promised]}`);
    }
  }
  assert.deepEqual(wrong, []);
});
