import { SPError } from "../src/base/errors.ts";
import type { Socket } from "../mod.ts";

/** What is looked at of a socket, whatever its pattern and its wire. */
export type ObservedSocket = Pick<Socket, "stats" | "events" | "closed">;

/**
 * Several sockets: an object or a `Map` of sockets by name, or any iterable of them. In an iterable, a pair `[name, socket]`
 * names its socket; one without a name is called by its protocol and a number: `"pull-1"`.
 */
export type ObservedSockets =
  | Iterable<ObservedSocket | readonly [name: string, socket: ObservedSocket]>
  | Readonly<Record<string, ObservedSocket>>;

/** Names that were given to sockets without one. A socket keeps its name, however often and with whom it is looked at. */
const NAMES: WeakMap<ObservedSocket, string> = new WeakMap();
/** How many were named so, by protocol. */
const COUNTS: Map<string, number> = new Map();

/** What a socket is called that has no name: its protocol, and a number that no other of this protocol has. */
export function ownName(socket: ObservedSocket, protocol: string): string {
  let name = NAMES.get(socket);
  if (name === undefined) {
    const count = (COUNTS.get(protocol) ?? 0) + 1;
    COUNTS.set(protocol, count);
    NAMES.set(socket, name = `${protocol}-${count}`);
  }
  return name;
}

/**
 * The sockets, each with its name if it has one. A socket that comes twice without a name is one.
 *
 * @throws {SPError} `EINVAL` if something is no socket.
 */
export function listSockets(
  sockets: ObservedSockets,
): (readonly [name: string | undefined, socket: ObservedSocket])[] {
  if (typeof sockets !== "object" || sockets === null || isSocket(sockets)) {
    const given = isSocket(sockets) ? "one socket" : String(sockets);
    throw new SPError(
      "EINVAL",
      `Cannot take ${given} as sockets: expected [socket] or { name: socket }`,
    );
  }
  const list: (readonly [string | undefined, ObservedSocket])[] = [];
  if (!(Symbol.iterator in sockets)) list.push(...Object.entries(sockets));
  else {
    const nameless = new Set<unknown>();
    for (const one of sockets as Iterable<unknown>) {
      if (Array.isArray(one)) list.push(one as [string, ObservedSocket]);
      else if (!nameless.has(one)) {
        nameless.add(one);
        list.push([undefined, one as ObservedSocket]);
      }
    }
  }
  for (const [name, socket] of list) {
    if (!isSocket(socket)) {
      const what = name === undefined ? String(socket) : `"${name}"`;
      throw new SPError("EINVAL", `Cannot read the figures of ${what}: not a socket`);
    }
  }
  return list;
}

function isSocket(value: unknown): value is ObservedSocket {
  return typeof (value as Partial<ObservedSocket> | null | undefined)?.stats === "function";
}
