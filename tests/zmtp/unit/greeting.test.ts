/** The greeting and the handshake behind it, however it is cut and however long the mechanism takes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SPError } from "../../../src/base/errors.ts";
import type { GreetingStep } from "../../../src/contracts/wire.ts";
import type { Mechanism, MechanismStep } from "../../../zmtp/mechanisms/mechanism.ts";
import type { SocketType } from "../../../zmtp/socket_types.ts";
import { BareGreeting, StreamGreeting, WebSocketGreeting } from "../../../zmtp/wire/greeting.ts";
import { concat, hex, pattern, text, utf8 } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";
import { plainCommand, plainFrame, plainGreeting, plainMetadata } from "../helpers/reference.ts";

/** What a mechanism of the test's does. */
interface Script {
  readonly begin?: () => Uint8Array | undefined | Promise<Uint8Array | undefined>;
  readonly receive?: (body: Uint8Array<ArrayBuffer>) => MechanismStep | Promise<MechanismStep>;
  readonly farewell?: (reason: SPError) => Uint8Array | undefined;
}

/** As NULL: READY both ways. */
function mechanism({ begin, receive, farewell }: Script = {}): Mechanism {
  return {
    name: "NULL",
    isServer: false,
    begin: begin ?? (() => body("READY")),
    receive: receive ?? ((bytes) => ({ isDone: true, metadata: bytes.slice(6) })),
    ...(farewell && { farewell }),
  };
}

function body(name: string, data: Uint8Array | string = ""): Uint8Array<ArrayBuffer> {
  return plainCommand(name, data).slice(2);
}

function ready(
  ...properties: readonly (readonly [string, string | Uint8Array])[]
): Uint8Array<ArrayBuffer> {
  return plainCommand("READY", plainMetadata(properties));
}

/** What came of a greeting that was read as the core does it. */
interface Outcome {
  readonly said: Uint8Array[];
  readonly isDone: boolean;
  /** What came behind it. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** Reads a greeting in chunks as the core does: until it is done, or wants more, or waits. */
async function read(
  greeting: { read(received: Uint8Array<ArrayBuffer>): GreetingStep },
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Promise<Outcome> {
  const said: Uint8Array[] = [];
  let received: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let isDone = false;
  for (const chunk of chunks) {
    received = concat([received, chunk]);
    while (!isDone) {
      const step = greeting.read(received);
      received = received.slice(step.used);
      if (step.say !== undefined) said.push(step.say);
      isDone = step.isDone;
      if (step.until !== undefined) await step.until;
      else if (step.used === 0 && step.say === undefined) break;
    }
  }
  return { said, isDone, rest: received };
}

function stream(type: SocketType = "PULL", script?: Script): StreamGreeting {
  return new StreamGreeting(type, { mechanism: mechanism(script) });
}

function apart(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

for (const minor of [0, 1]) {
  for (
    const [how, cut] of [
      ["in one piece", (bytes: Uint8Array<ArrayBuffer>) => [bytes]],
      ["byte by byte", apart],
      ["as libzmq stages it", (bytes: Uint8Array<ArrayBuffer>) => [
        bytes.slice(0, 10),
        bytes.slice(10, 11),
        bytes.slice(11, 64),
        bytes.slice(64),
      ]],
    ] as const
  ) {
    test(`a greeting of 3.${minor} that comes ${how} is taken, and what is behind it is left`, async () => {
      const greeting = stream();
      const behind = plainFrame(0, utf8("a message"));
      const bytes = concat([plainGreeting({ minor }), ready(["Socket-Type", "PUSH"]), behind]);
      const { said, isDone, rest } = await read(greeting, cut(bytes));
      assert.equal(isDone, true);
      assert.deepEqual(rest, behind);
      assert.deepEqual(said.map((bytes) => new Uint8Array(bytes)), [plainCommand("READY")]);
      assert.equal(greeting.takesCommands, minor === 1);
      assert.equal(greeting.peerName, "push");
    });
  }
}

test("our greeting is 64 bytes that say 3.1, the mechanism, and who is the server", () => {
  const hello = stream().hello();
  const wanted = plainGreeting();
  assert.deepEqual(new Uint8Array(hello), wanted);
  const server = new StreamGreeting("PULL", {
    mechanism: { ...mechanism(), name: "PLAIN", isServer: true },
  });
  const bytes = server.hello();
  assert.deepEqual([text(new Uint8Array(bytes.subarray(12, 17))), bytes[32]], ["PLAIN", 1]);
});

for (const [major, minor] of [[3, 2], [4, 0], [255, 0]] as const) {
  test(`a peer of ${major}.${minor} is spoken to as one of 3.1`, async () => {
    const greeting = stream();
    const bytes = concat([plainGreeting({ major, minor }), ready(["Socket-Type", "PUSH"])]);
    assert.equal((await read(greeting, [bytes])).isDone, true);
    assert.equal(greeting.takesCommands, true);
  });
}

test("padding, filler and who is the server do not matter", async () => {
  const bytes = concat([plainGreeting({ fill: 0xaa }), ready()]);
  assert.equal((await read(stream(), [bytes])).isDone, true);
});

const REFUSED: readonly (readonly [string, Uint8Array<ArrayBuffer>, string])[] = [
  ["ZMTP 1.0", hex("01 00"), "The peer speaks ZMTP 1.0, or none at all: it began with 01 00"],
  ["ZMTP 1.0 with a long identity", hex("ff 00 00 00 00 00 00 01 01 00"), "ZMTP 1.0, expected 3.0"],
  [
    "ZMTP 2.0",
    concat([plainGreeting().slice(0, 10), hex("01")]),
    "ZMTP 2.0, expected 3.0 or later",
  ],
  [
    "revision 0",
    concat([plainGreeting().slice(0, 10), hex("00")]),
    "ZMTP 1.0, expected 3.0 or later",
  ],
  ["SP", hex("00 53 50 00 00 51 00 00"), "The peer speaks SP (nanomsg)"],
  ["HTTP", utf8("GET / HTTP/1.1\r\n"), "began with 47 45 54 20"],
  ["another mechanism", plainGreeting({ mechanism: "CURVE" }), '"CURVE", expected "NULL"'],
  ["a mechanism in lower case", plainGreeting({ mechanism: "null" }), '"null", expected "NULL"'],
  ["junk behind the mechanism", plainGreeting({ mechanism: "NULL\0x" }), 'expected "NULL"'],
];

for (const [what, bytes, part] of REFUSED) {
  test(`a peer that speaks ${what} is refused with a sentence, however it is cut`, async () => {
    await assert.rejects(read(stream(), [bytes]), spError("EPROTO", part));
    await assert.rejects(read(stream(), apart(bytes)), spError("EPROTO"));
  });
}

const BAD_METADATA: readonly (readonly [string, Uint8Array<ArrayBuffer>, string])[] = [
  ["another type", ready(["Socket-Type", "PUB"]), '"PUB" socket; PULL needs PUSH'],
  ["a type in lower case", ready(["Socket-Type", "push"]), '"push" socket'],
  ["a type by a name in lower case", ready(["socket-type", "PUB"]), '"PUB" socket'],
  ["an oversize identity", ready(["Identity", new Uint8Array(256).fill(1)]), "256 bytes"],
  [
    "a name that is cut off",
    plainCommand("READY", hex("05 61")),
    "ends within a name: 1 of 5 bytes",
  ],
  ["no name", plainCommand("READY", hex("00 00 00 00 00")), "an invalid name"],
  ["a value that is cut off", plainCommand("READY", hex("01 61 00 00 00 02 62")), "1 of 2 bytes"],
  ["a value of 4 GiB", plainCommand("READY", hex("01 61 ff ff ff ff 62")), "4294967295"],
];

for (const [what, bytes, part] of BAD_METADATA) {
  test(`a peer whose metadata has ${what} is refused`, async () => {
    await assert.rejects(read(stream(), [plainGreeting(), bytes]), spError("EPROTO", part));
  });
}

test("what a peer says of itself is kept, whatever the case of the names", async () => {
  const greeting = stream("ROUTER");
  const bytes = ready(
    ["SOCKET-TYPE", "DEALER"],
    ["identity", Uint8Array.of(0xff, 1)],
    ["X-Own", "value"],
    ["__proto__", "harmless"],
    ["X-Empty", ""],
  );
  await read(greeting, [plainGreeting(), bytes]);
  assert.equal(greeting.peerName, "dealer");
  assert.deepEqual(greeting.identity, Uint8Array.of(0xff, 1));
  const { metadata } = greeting;
  assert.deepEqual(Object.keys(metadata!), [
    "Socket-Type",
    "Identity",
    "X-Own",
    "__proto__",
    "X-Empty",
  ]);
  assert.deepEqual([metadata!["X-Own"], metadata!["X-Empty"]], ["value", ""]);
  assert.equal(Object.getPrototypeOf(metadata), Object.prototype);
});

test("a peer that says nothing of itself is taken, and has no name", async () => {
  const greeting = stream();
  const { isDone } = await read(greeting, [plainGreeting(), ready(["Identity", ""])]);
  assert.equal(isDone, true);
  assert.deepEqual([greeting.peerName, greeting.identity], [undefined, undefined]);
});

test("a command without its flag, or in the long form, is taken in the handshake", async () => {
  for (const flags of [0, 2, 6]) {
    const bytes = plainFrame(flags, body("READY"));
    assert.equal((await read(stream(), [plainGreeting(), bytes])).isDone, true, `${flags}`);
  }
});

test("a command of more than 64 KiB in the handshake is refused before it comes", async () => {
  const bytes = concat([plainGreeting(), hex("06 00 00 00 00 00 01 00 01")]);
  await assert.rejects(read(stream(), [bytes]), spError("EMSGSIZE", "65537", "65536"));
  const all = concat([plainGreeting(), hex("06 ff ff ff ff ff ff ff ff")]);
  await assert.rejects(read(stream(), [all]), spError("EMSGSIZE"));
});

test("what is missing is told by how far the peer has come", async () => {
  const greeting = stream();
  assert.equal(greeting.missing(0), "The peer sent 0 of 64 bytes of its greeting");
  let { rest } = await read(greeting, [plainGreeting().slice(0, 11)]);
  assert.match(greeting.missing(rest.length), /^The peer sent 11 of 64 bytes of its greeting/);
  ({ rest } = await read(greeting, [concat([rest, plainGreeting().slice(11, 60)])]));
  assert.equal(greeting.missing(rest.length), "The peer sent 60 of 64 bytes of its greeting");
  await read(greeting, [concat([rest, plainGreeting().slice(60)])]);
  assert.match(greeting.missing(0), /has not finished the NULL handshake/);
});

test("a mechanism may take its time to begin, and to answer; what comes meanwhile is kept", async () => {
  const steps: string[] = [];
  const later = async <T>(name: string, value: T): Promise<T> => {
    await Promise.resolve();
    steps.push(name);
    return value;
  };
  const script: Script = {
    begin: () => later("begin", body("HELLO")),
    receive: (bytes) => {
      const name = text(bytes.slice(1, 1 + bytes[0]!));
      return later(
        name,
        name === "WELCOME"
          ? { say: body("INITIATE"), isDone: false }
          : { isDone: true, metadata: plainMetadata([["Socket-Type", "PUSH"]]) },
      );
    },
  };
  const behind = plainFrame(0, utf8("early"));
  const bytes = concat([plainGreeting(), plainCommand("WELCOME"), plainCommand("READY"), behind]);
  const greeting = stream("PULL", script);
  const { said, isDone, rest } = await read(greeting, [bytes]);
  assert.deepEqual(steps, ["begin", "WELCOME", "READY"]);
  assert.deepEqual(said.map((one) => new Uint8Array(one)), [
    plainCommand("HELLO"),
    plainCommand("INITIATE"),
  ]);
  assert.deepEqual([isDone, rest, greeting.peerName], [true, behind, "push"]);
});

test("a mechanism may say nothing to begin, nor to answer, and still take its time", async () => {
  let count = 0;
  const greeting = stream("PULL", {
    begin: () => Promise.resolve(undefined),
    receive: () => Promise.resolve({ isDone: ++count === 3 }),
  });
  const bytes = concat([plainGreeting(), ...Array(3).fill(plainCommand("STEP"))]);
  const { said, isDone } = await read(greeting, apart(bytes));
  assert.deepEqual([said, isDone, count], [[], true, 3]);
});

test("a mechanism that rejects refuses the peer, at once or after a while", async () => {
  const reason = new Error("no");
  for (
    const script of [
      { begin: () => Promise.reject(reason) },
      { receive: () => Promise.reject(reason) },
      {
        receive: () => {
          throw reason;
        },
      },
    ]
  ) {
    const bytes = concat([plainGreeting(), plainCommand("READY")]);
    await assert.rejects(read(stream("PULL", script), [bytes]), reason);
  }
});

test("metadata that is wrong refuses the peer after a while too", async () => {
  const script: Script = {
    receive: () => Promise.resolve({ isDone: true, metadata: pattern(3, 200) }),
  };
  const bytes = concat([plainGreeting(), plainCommand("READY")]);
  await assert.rejects(read(stream("PULL", script), [bytes]), spError("EPROTO"));
});

test("a peer that is refused is told what the mechanism says, as a command", () => {
  const greeting = stream("PULL", { farewell: () => body("ERROR", "\x03400") });
  const said = greeting.farewell({} as SPError);
  assert.deepEqual(new Uint8Array(said!), plainCommand("ERROR", "\x03400"));
  assert.equal(stream().farewell({} as SPError), undefined);
});

test("on a WebSocket there is no greeting, and a command is a message behind a 2", async () => {
  const greeting = new WebSocketGreeting("PULL", { mechanism: mechanism() });
  assert.equal(greeting.hello(), undefined);
  const properties = plainMetadata([["Socket-Type", "PUSH"]]);
  const message = concat([hex("02"), body("READY", properties)]);
  const { said, isDone } = await read(greeting, [new Uint8Array(0), message]);
  assert.deepEqual(said.map((one) => new Uint8Array(one)), [concat([hex("02"), body("READY")])]);
  assert.deepEqual([isDone, greeting.peerName], [true, "push"]);
});

test("on a WebSocket without a mechanism each end says its routing id, or nothing", async () => {
  const named = new BareGreeting(utf8("me"));
  assert.deepEqual(new Uint8Array(named.hello()), concat([hex("00"), utf8("me")]));
  assert.equal((await read(named, [concat([hex("00"), utf8("you")])])).isDone, true);
  assert.equal(text(named.identity!), "you");
  const nameless = new BareGreeting(new Uint8Array(0));
  assert.deepEqual(new Uint8Array(nameless.hello()), hex("00"));
  assert.equal((await read(nameless, [hex("00")])).isDone, true);
  assert.equal(nameless.identity, undefined);
  await assert.rejects(read(new BareGreeting(utf8("")), [hex("02 05")]), spError("EPROTO"));
});
