/**
 * ZMTP's patterns as those of SP, for the checks that hold for all: a message of one frame is that frame.
 *
 * What more ZMTP's sockets can do is tested beside this file.
 */

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Socket } from "../../../mod.ts";
import {
  Dealer,
  type Frames,
  Pair,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  Sub,
  XPub,
  type ZmtpOptions,
} from "../../../zmtp/mod.ts";
import type { PatternCase, Receiver, Sender } from "../../conformance/patterns.ts";

const MIB = 1024 * 1024;

/** SP's limit, by which the checks go. */
const LIMIT = { maxMessageSize: MIB };

/** Waits in `send` while there is no peer, as SP's sockets do. */
const WAITS = { ...LIMIT, immediate: true };

/** What is true of SP's sockets only, and has a test of its own for ZMTP's. */
const OF_SP: ReadonlySet<string> = new Set([
  "a peer of another protocol is refused on both sides, and the socket lives",
]);

/** What a socket that also receives does not do. */
const OF_SENDERS: ReadonlySet<string> = new Set([
  "closing the writable of a socket that only sends closes it, behind what was written",
  "aborting the writable of a socket that only sends closes it without waiting",
]);

/** Where a publisher sends as soon as its peer is back, which may be before that has subscribed again. */
const OF_THOSE_WHO_WAIT: ReadonlySet<string> = new Set([
  "a dialer comes back when its listener was closed and listens again",
  "a listening peer that restarts is found again",
]);

/** Whether a check does not hold for a pattern of ZMTP's. */
export function isLeftOut(check: string, { name }: PatternCase): boolean {
  return OF_SP.has(check) || name.includes("XPUB") && OF_SENDERS.has(check) ||
    name.includes("PUB") && OF_THOSE_WHO_WAIT.has(check);
}

/** All but those that put a routing id, or a subscription, into a message. */
export const ZMTP_PATTERNS: readonly PatternCase[] = zmtpPatterns({}, {});

/** The same with options of the side that speaks first, and of the other. */
export function zmtpPatterns(
  ofSender: ZmtpOptions,
  ofReceiver: ZmtpOptions,
): readonly PatternCase[] {
  return [
    {
      name: "ZMTP's PAIR",
      sender: (options) => sender(new Pair({ ...ofSender, ...WAITS, ...options })),
      receiver: (options) => receiver(new Pair({ ...ofReceiver, ...WAITS, ...options })),
      answers: "may",
      peers: "one",
      waitsForPeer: true,
      keepsAll: true,
      header: 0,
      isEverywhere: true,
    },
    {
      name: "ZMTP's PUSH/PULL",
      sender: (options) => sender(new Push({ ...ofSender, ...WAITS, ...options })),
      receiver: (options) => receiver(new Pull({ ...ofReceiver, ...LIMIT, ...options })),
      answers: "no",
      peers: "in turn",
      waitsForPeer: true,
      keepsAll: true,
      header: 0,
      isEverywhere: true,
    },
    {
      name: "ZMTP's PUB/SUB",
      sender: (options) =>
        sender(new Pub({ ...ofSender, ...LIMIT, overflow: "block", ...options })),
      receiver: (options) =>
        receiver(new Sub({ ...ofReceiver, ...LIMIT, subscribe: "", ...options })),
      answers: "no",
      peers: "all",
      waitsForPeer: false,
      keepsAll: true,
      header: 0,
      isEverywhere: true,
    },
    {
      name: "ZMTP's XPUB/SUB",
      sender: (options) =>
        onlySends(new XPub({ ...ofSender, ...LIMIT, overflow: "block", ...options })),
      receiver: (options) =>
        receiver(new Sub({ ...ofReceiver, ...LIMIT, subscribe: "", ...options })),
      answers: "no",
      peers: "all",
      waitsForPeer: false,
      keepsAll: true,
      header: 0,
      isEverywhere: false,
    },
    {
      name: "ZMTP's DEALER",
      sender: (options) => sender(new Dealer({ ...ofSender, ...WAITS, ...options })),
      receiver: (options) => receiver(new Dealer({ ...ofReceiver, ...WAITS, ...options })),
      answers: "may",
      peers: "in turn",
      waitsForPeer: true,
      keepsAll: true,
      header: 0,
      isEverywhere: false,
    },
    {
      // Without numbers it asks one peer one thing at a time, which the checks do not wait for.
      name: "ZMTP's REQ/REP with numbers",
      sender: (options) => sender(new Req({ ...ofSender, ...LIMIT, correlate: true, ...options })),
      receiver: (options) => receiver(new Rep({ ...ofReceiver, ...LIMIT, ...options })),
      answers: "must",
      peers: "in turn",
      waitsForPeer: true,
      keepsAll: true,
      header: 4,
      isEverywhere: true,
    },
  ];
}

function sender(socket: Socket): Sender {
  return flat(socket) as Sender;
}

function receiver(socket: Socket): Receiver {
  return flat(socket) as Receiver;
}

/** Hides that it also receives: its subscribers' subscriptions. */
function onlySends(socket: XPub): Sender {
  const subscriptions = (async () => {
    for await (const _ of socket);
  })();
  subscriptions.catch(() => {});
  return new Proxy(flat(socket), {
    has: (target, name) => name !== "readable" && Reflect.has(target, name),
  }) as Sender;
}

/** What of a socket is otherwise when a message is one frame. */
interface Receives {
  receive(options?: object): Promise<Frames>;
  receiveBatch(options?: object): Promise<Frames[]>;
  readonly readable: ReadableStream<Frames>;
  [Symbol.asyncIterator](): AsyncIterableIterator<Frames>;
}

/** A socket whose messages in are their one frame. */
function flat(socket: Socket): Socket {
  const receives = socket as unknown as Receives;
  let readable: ReadableStream<Uint8Array> | undefined;
  const own: Record<PropertyKey, () => unknown> = {
    peers: () => (count: number, options?: object) => joined(socket, count, options),
    receive: () => async (options?: object) => only(await receives.receive(options)),
    receiveBatch: () => async (options?: object) =>
      (await receives.receiveBatch(options)).map(only),
    readable: () => readable ??= flatStream(receives.readable),
    [Symbol.asyncIterator]: () => () => flatLoop(receives),
  };
  return new Proxy(socket, {
    get: (target, name) => {
      if (Object.hasOwn(own, name) && name in target) return own[name]!();
      const value: unknown = Reflect.get(target, name, target);
      // V8 takes no bound function for `await using`.
      return typeof value === "function"
        ? (...args: unknown[]) => value.apply(target, args)
        : value;
    },
  });
}

function only(frames: Frames): Uint8Array<ArrayBuffer> {
  assert.equal(frames.length, 1);
  return frames[0]!;
}

async function* flatLoop(socket: Receives): AsyncGenerator<Uint8Array> {
  for await (const message of socket) yield only(message);
}

function flatStream(stream: ReadableStream<Frames>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(only(value));
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Peers have come; to a publisher, their subscriptions as well. */
async function joined(socket: Socket, count: number, options?: object): Promise<void> {
  await socket.peers(count, options);
  if (!(socket instanceof Pub || socket instanceof XPub)) return;
  while (socket.stats().peers.some(({ messagesReceived }) => messagesReceived === 0)) {
    await setImmediate();
  }
}
