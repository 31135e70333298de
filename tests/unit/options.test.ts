/** Options of each class: what is unknown, of a wrong type or out of range is refused by name and value. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { Pair, Pub, Pull, Push, Rep, Req, Sub } from "../../mod.ts";
import { DEFAULT_MAX_MESSAGE_SIZE } from "../../src/memory/message.ts";
import { resolveEndpointOptions } from "../../src/surface/options.ts";
import type { Socket } from "../../src/socket/socket.ts";
import { spError } from "../helpers/errors.ts";
import { expectDials } from "../helpers/mock_transport.ts";

type Case = readonly [value: unknown, wanted: string];

const TIMES: readonly Case[] = [
  [-1, "milliseconds, 0 or more, or Infinity"],
  [NaN, "milliseconds"],
  ["100", "milliseconds"],
  [null, "milliseconds"],
  [100n, "milliseconds"],
];
const SIZES: readonly Case[] = [
  [-1, "bytes, 0 or more, or Infinity"],
  [NaN, "bytes"],
  ["1k", "bytes"],
];
const PRIORITIES: readonly Case[] = [
  [0, "a whole number from 1 to 16"],
  [17, "a whole number from 1 to 16"],
  [1.5, "a whole number"],
  ["1", "a whole number"],
];
const BOOLEANS: readonly Case[] = [[1, "true or false"], ["yes", "true or false"], [null, "true"]];

const ENDPOINT: Readonly<Record<string, readonly Case[]>> = {
  accept: [[true, "a function"], ["allow", "a function"]],
  handshakeTimeout: TIMES,
  keepAlive: BOOLEANS,
  maxMessageSize: SIZES,
  noDelay: BOOLEANS,
  receivePriority: PRIORITIES,
  sendPriority: PRIORITIES,
};
const DIAL = {
  connectTimeout: TIMES,
  maxAttempts: [
    [0, "a whole number, 1 or more, or Infinity"],
    [1.5, "a whole number"],
    ["3", "a whole number"],
  ] as Case[],
  reconnectMax: TIMES,
  reconnectMin: TIMES,
};
const SOCKET = { ...ENDPOINT, ...DIAL, linger: TIMES };
const SEND = { sendBuffer: SIZES, sendTimeout: TIMES };
const RECEIVE = { receiveBuffer: SIZES, receiveTimeout: TIMES };

interface Class {
  readonly name: string;
  readonly make: (options: object) => Socket;
  readonly bad: Readonly<Record<string, readonly Case[]>>;
  readonly good: object;
  /** Options that another class has. */
  readonly unknown: readonly string[];
}

const CLASSES: readonly Class[] = [
  {
    name: "Pair",
    make: (options) => new Pair(options),
    bad: { ...SOCKET, ...SEND, ...RECEIVE },
    good: { sendBuffer: 1, receiveBuffer: 1, sendTimeout: 0, receiveTimeout: Infinity },
    unknown: ["overflow", "subscribe", "ttl", "resendInterval"],
  },
  {
    name: "Push",
    make: (options) => new Push(options),
    bad: { ...SOCKET, ...SEND },
    good: { sendBuffer: Infinity, sendTimeout: 1.5, sendPriority: 16 },
    unknown: ["receiveBuffer", "receiveTimeout", "overflow"],
  },
  {
    name: "Pull",
    make: (options) => new Pull(options),
    bad: { ...SOCKET, ...RECEIVE },
    good: { receiveBuffer: 0, receiveTimeout: 0, receivePriority: 1 },
    unknown: ["sendBuffer", "sendTimeout"],
  },
  {
    name: "Pub",
    make: (options) => new Pub(options),
    bad: {
      ...SOCKET,
      ...SEND,
      overflow: [["drop", '"drop-oldest" or "drop-newest" or "block"'], [1, '"block"']],
    },
    good: { overflow: "drop-newest", sendBuffer: 0 },
    unknown: ["receiveBuffer", "subscribe"],
  },
  {
    name: "Sub",
    make: (options) => new Sub(options),
    bad: {
      ...SOCKET,
      ...RECEIVE,
      subscribe: [
        [1, "a string or bytes, or an array of such"],
        [["a", undefined], "a string or bytes, or an array of such"],
        [["a", 1], "a string or bytes, or an array of such"],
        [{}, "a string or bytes, or an array of such"],
        [null, "a string or bytes, or an array of such"],
      ],
    },
    good: { subscribe: ["a", new Uint8Array(1), new ArrayBuffer(1), ""] },
    unknown: ["sendBuffer", "overflow"],
  },
  {
    name: "Req",
    make: (options) => new Req(options),
    bad: {
      ...SOCKET,
      ...SEND,
      ...RECEIVE,
      concurrency: [[0, "a whole number from 1 to 1000000"], [Infinity, "a whole number"]],
      failWithoutPeers: BOOLEANS,
      ready: BOOLEANS,
      resendInterval: [[-1, "milliseconds"], [true, "or false"], ["no", "or false"]],
    },
    good: { concurrency: 1, failWithoutPeers: true, ready: true, resendInterval: false },
    unknown: ["ttl", "overflow"],
  },
  {
    name: "Rep",
    make: (options) => new Rep(options),
    bad: {
      ...SOCKET,
      ...SEND,
      ...RECEIVE,
      ttl: [[0, "a whole number from 1 to 255"], [256, "a whole number"], [1.5, "a whole number"]],
    },
    good: { ttl: 255, sendBuffer: 1000 },
    unknown: ["resendInterval", "concurrency"],
  },
];

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

for (const { name, make, bad, good, unknown } of CLASSES) {
  describe(`the options of ${name}`, () => {
    for (const [option, cases] of Object.entries(bad)) {
      test(`refuse a wrong ${option} by name and value, and say what was wanted`, () => {
        for (const [value, wanted] of cases) {
          const named = typeof value === "object" && value !== null ? "" : shown(value);
          assert.throws(
            () => make({ [option]: value }),
            spError("EINVAL", `Cannot set ${option} to `, named, name.toLowerCase(), wanted),
          );
        }
      });
    }

    test("refuse what is no option of its own, and tell which there are", () => {
      for (const option of [...unknown, "lingr", "toString", "__proto__x", ""]) {
        assert.throws(
          () => make({ [option]: 1 }),
          spError("EINVAL", `Unknown option "${option}"`, "linger", "maxMessageSize"),
        );
      }
    });

    test("take every good value, and undefined for the default", async () => {
      const nothing = Object.fromEntries(Object.keys(bad).map((option) => [option, undefined]));
      await make(good).close();
      await make(nothing).close();
      await make({ linger: 0, reconnectMin: 0, reconnectMax: Infinity, accept: () => true })
        .close();
    });

    test("refuse what is no object", () => {
      for (const wrong of ["tcp://127.0.0.1:1", 5, null]) {
        assert.throws(
          () => make(wrong as unknown as object),
          spError("EINVAL", "expected an object"),
        );
      }
    });
  });
}

describe("a value that may be secret", () => {
  const key = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEH";
  const wrong: readonly (readonly [string, object])[] = [
    ["tls.key", { tls: { key } }],
    ["tls.cert", { tls: { cert: key } }],
    ["tls.ca", { tls: { ca: key } }],
    ["tls.ca", { tls: { ca: [key] } }],
    ["tls", { tls: key }],
    ["webSocket.headers", { webSocket: { headers: `Authorization: Bearer ${key}` } }],
    ["webSocket.headers", { webSocket: { headers: { authorization: `Bearer ${key}\n${key}` } } }],
    ["webSocket", { webSocket: key }],
  ];
  for (const [index, [name, options]] of wrong.entries()) {
    test(`is not shown in the error that refuses it (${name}, ${index + 1})`, async () => {
      const hides = (error: unknown): true => {
        spError("EINVAL", name, "expected")(error);
        assert.ok(!inspect(error).includes(key), "the error shows it");
        return true;
      };
      assert.throws(() => new Push(options), hides);
      await using socket = new Push();
      await assert.rejects(socket.bind("mock://x", options), hides);
      assert.throws(() => socket.connect("mock://x", options), hides);
    });
  }
});

describe("the options of connect", () => {
  test("refuse what is unknown or wrong, by name and value", async () => {
    const socket = new Push();
    const address = expectDials();
    const wrong: readonly (readonly [object, string])[] = [
      [{ backlog: 5 }, 'Unknown option "backlog" in connect\'s options'],
      [{ linger: 5 }, 'Unknown option "linger" in connect\'s options'],
      [{ timeout: -1 }, "Cannot set timeout to -1 (number) in connect's options"],
      [{ signal: {} }, "Cannot set signal to an object of type Object in connect's options"],
      [{ maxAttempts: 0 }, "Cannot set maxAttempts to 0"],
      [{ connectTimeout: "1" }, 'Cannot set connectTimeout to "1"'],
      [{ failFast: 1 }, "Cannot set failFast to 1 (number) in connect's options"],
      [{ reconnectMin: -1 }, "Cannot set reconnectMin to -1"],
      [{ sendPriority: 17 }, "Cannot set sendPriority to 17"],
    ];
    for (const [options, message] of wrong) {
      assert.throws(() => socket.connect(address, options), spError("EINVAL", message));
    }
    assert.deepEqual(socket.stats().endpoints, []);
    await socket.close();
  });
});

describe("the options of bind", () => {
  test("refuse what is unknown or wrong, by name and value", async () => {
    const socket = new Push();
    const wrong: readonly (readonly [object, string])[] = [
      [{ failFast: true }, 'Unknown option "failFast" in bind\'s options'],
      [{ reconnectMin: 1 }, 'Unknown option "reconnectMin" in bind\'s options'],
      [{ backlog: 0 }, "Cannot set backlog to 0"],
      [{ maxMessageSize: "1" }, 'Cannot set maxMessageSize to "1"'],
    ];
    for (const [options, message] of wrong) {
      await assert.rejects(socket.bind("mock://x", options), spError("EINVAL", message));
    }
    await socket.close();
  });
});

describe("the options of an endpoint", () => {
  test("have defaults", () => {
    assert.deepEqual(resolveEndpointOptions({}, {}), {
      connectTimeout: 10_000,
      failFast: false,
      handshakeTimeout: 10_000,
      idleTimeout: Infinity,
      maxAttempts: Infinity,
      maxHandshakes: 1024,
      maxMessageSize: DEFAULT_MAX_MESSAGE_SIZE,
      maxPeers: Infinity,
      maxPeersPerHost: Infinity,
      receivePriority: 8,
      reconnectMax: 2_000,
      reconnectMin: 100,
      sendPriority: 8,
      sendStall: Infinity,
      slowPeerTimeout: Infinity,
    });
  });

  test("are its own before the socket's, undefined counts as left out", () => {
    const resolved = resolveEndpointOptions(
      { maxMessageSize: 10, reconnectMin: 5, sendPriority: 2, linger: 7 },
      { maxMessageSize: 20, sendPriority: undefined as unknown as number, backlog: 3 },
    );
    assert.equal(resolved.maxMessageSize, 20);
    assert.equal(resolved.reconnectMin, 5);
    assert.equal(resolved.sendPriority, 2);
    assert.equal(resolved.backlog, 3);
    assert.equal("linger" in resolved, false);
  });
});
