/** How checks bring one of our sockets and one of zeromq.js's together, both ways round. */

import { clearTimeout, setTimeout } from "node:timers";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { Dialer, Listener } from "../../../mod.ts";
import type { Socket } from "../../../src/socket/socket.ts";
import { text } from "../../helpers/bytes.ts";
import { PATIENCE, type ZSocket } from "../peers/zeromq.ts";
import { listen, type RawListener, ZmtpPeer } from "./raw_peer.ts";
import { type Side, Wiretap, type WiretapOptions } from "./wiretap.ts";

/** Which end of the connection we are. */
export type Role = "bind" | "connect";

/** Both ends that we can be: each check runs in each role. */
export const ROLES: readonly Role[] = ["bind", "connect"];

/** Our end of a connection, as a wiretap calls it. */
export function ourSide(role: Role): Side {
  return role === "bind" ? "listener" : "dialer";
}

/** The other end. */
export function theirSide(role: Role): Side {
  return role === "bind" ? "dialer" : "listener";
}

/** How sockets are brought together. */
export interface LinkOptions {
  /** How many peers we have then; default 1. */
  readonly peers?: number;
}

/** Brings two sockets together, and resolves when both have the peer. */
export async function link(
  role: Role,
  ours: Socket,
  theirs: ZSocket,
  { peers = 1 }: LinkOptions = {},
): Promise<Listener | Dialer> {
  await theirs.watch();
  const handshakes = theirs.count("handshake") + 1;
  let endpoint: Listener | Dialer;
  if (role === "bind") {
    endpoint = await ours.bind("tcp://127.0.0.1:0");
    await theirs.connect(endpoint.address);
  } else {
    endpoint = ours.connect(await theirs.bind());
  }
  await patiently(ours.peers(peers), `${peers} peers`);
  await theirs.event("handshake", handshakes);
  return endpoint;
}

/** Resolves when zeromq.js has lost a connection and made the next: what it sends before may be lost with the first. */
export async function comesAgain(theirs: ZSocket): Promise<void> {
  await theirs.event("disconnect");
  await theirs.event("handshake", 2);
}

/** Brings two sockets together with a wiretap between them. */
export async function linkTapped(
  role: Role,
  ours: Socket,
  theirs: ZSocket,
  options: WiretapOptions = {},
): Promise<Wiretap> {
  await theirs.watch();
  const tap = await tapped(role, ours, theirs, options);
  await patiently(ours.peers(1), "a peer");
  await theirs.event("handshake");
  return tap;
}

/** The same without waiting for a peer: there may never be one. */
export async function tapped(
  role: Role,
  ours: Socket,
  theirs: ZSocket,
  options: WiretapOptions = {},
): Promise<Wiretap> {
  if (role === "bind") {
    const listener = await ours.bind("tcp://127.0.0.1:0");
    const tap = await Wiretap.open(listener.address, options);
    await theirs.connect(tap.address);
    return tap;
  }
  const tap = await Wiretap.open(await theirs.bind(), options);
  ours.connect(tap.address);
  return tap;
}

/** Something that receives messages of frames. */
export interface Receiver {
  receive(options?: { timeout?: number }): Promise<Uint8Array<ArrayBuffer>[]>;
}

/** Something that sends. */
export interface Sender {
  send(message: string): Promise<void>;
}

/** Receives so many messages. */
export async function take(socket: Receiver, count = 1): Promise<Uint8Array<ArrayBuffer>[][]> {
  const messages: Uint8Array<ArrayBuffer>[][] = [];
  while (messages.length < count) messages.push(await socket.receive({ timeout: PATIENCE }));
  return messages;
}

/** Receives so many messages, as text: the frames joined by `|`. */
export async function takeTexts(socket: Receiver, count = 1): Promise<string[]> {
  return (await take(socket, count)).map(joined);
}

/** A message as text: the frames joined by `|`. */
export function joined(frames: readonly Uint8Array[]): string {
  return frames.map(text).join("|");
}

/** Fails if a promise is not settled in time. */
export function patiently<T>(promise: Promise<T>, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`There was no sign of ${what}`)), PATIENCE);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Resolves when a condition holds that no event tells of. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`There was no sign of ${what}`);
    await sleep(5);
  }
}

/** Lets everything happen that is ready to happen in this process. */
export async function manyTurns(): Promise<void> {
  for (let i = 0; i < 50; i++) await setImmediate();
}

/**
 * Resolves when what a publisher sends under a topic reaches the subscriber, so that its subscription has arrived, and those before it
 * too. Nothing of it is left in the subscriber.
 */
export async function settled(
  publish: (message: string) => Promise<void>,
  receive: () => Promise<string>,
  topic: string,
): Promise<void> {
  let first: string | undefined;
  const came = receive().then((message) => first = message);
  const end = performance.now() + PATIENCE;
  while (first === undefined) {
    if (performance.now() > end) throw new Error(`Nothing of "${topic}" has arrived`);
    await publish(`${topic}?`);
    await Promise.race([came, sleep(10)]);
  }
  await publish(`${topic}!`);
  while (first !== `${topic}!`) first = await receive();
}

/** See `settled`, with our PUB and zeromq.js's SUB. */
export function heardByTheirs(ours: Sender, theirs: ZSocket, topic: string): Promise<void> {
  return settled(
    (message) => ours.send(message),
    async () => (await theirs.texts())[0]!,
    topic,
  );
}

/** See `settled`, with zeromq.js's PUB and our SUB. */
export function heardByOurs(theirs: ZSocket, ours: Receiver, topic: string): Promise<void> {
  return settled(
    (message) => theirs.send(message),
    async () => (await takeTexts(ours))[0]!,
    topic,
  );
}

/** Where raw peers meet one of our sockets, one after another. */
export class RawPlace implements AsyncDisposable {
  readonly #address: string;
  readonly #listener: RawListener | undefined;
  readonly #peers: ZmtpPeer[] = [];

  private constructor(address: string, listener: RawListener | undefined) {
    this.#address = address;
    this.#listener = listener;
  }

  /** Has our socket bind, or connect. */
  static async open(role: Role, ours: Socket): Promise<RawPlace> {
    if (role === "bind") {
      return new RawPlace((await ours.bind("tcp://127.0.0.1:0")).address, undefined);
    }
    const listener = await listen();
    ours.connect(listener.address);
    return new RawPlace(listener.address, listener);
  }

  /** The next connection; nothing is said on it. */
  async next(): Promise<ZmtpPeer> {
    const peer = await (this.#listener?.accept() ?? ZmtpPeer.connect(this.#address));
    this.#peers.push(peer);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer[Symbol.dispose]();
    await this.#listener?.[Symbol.asyncDispose]();
  }
}
