/** The transports that are tested against the other implementations. A new one is one line of {@linkcode TRANSPORTS}. */

import { join } from "node:path";
import process from "node:process";
import { temporaryFolder } from "../conformance/transports.ts";

/** An address that nobody else uses. */
export interface Place extends AsyncDisposable {
  readonly address: string;
}

/** A transport under test. */
export interface Transport {
  readonly name: string;
  /** A new address. */
  open(): Promise<Place>;
}

/**
 * A host and a port that nobody else draws, below the ports that the system gives out. To ask the system
 * for one, and let go of it, will not do: a process that is started meanwhile holds on to it for a moment.
 */
function tcp(): Promise<Place> {
  const among = (first: number, last: number): number =>
    first + Math.floor(Math.random() * (last - first + 1));
  const host = process.platform === "linux"
    ? `127.${among(1, 254)}.${among(0, 255)}.${among(1, 254)}`
    : "127.0.0.1";
  return Promise.resolve({
    address: `tcp://${host}:${among(10_000, 32_000)}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

/** The same for a WebSocket. Without a path, for nanomsg can bind none. */
async function ws(): Promise<Place> {
  const { address } = await tcp();
  return {
    address: address.replace("tcp:", "ws:"),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function ipc(): Promise<Place> {
  const { folder, remove } = temporaryFolder();
  return Promise.resolve({
    address: `ipc://${join(folder, "socket")}`,
    [Symbol.asyncDispose]: () => Promise.resolve(remove()),
  });
}

/** The one for tests where it does not matter. */
export const TCP: Transport = { name: "tcp", open: tcp };

/** All of them. */
export const TRANSPORTS: readonly Transport[] = [
  TCP,
  { name: "ipc", open: ipc },
  { name: "ws", open: ws },
];

/** Has a dialer try again at once: the peer that it dials is a process that has just been started. */
export const SOON: { readonly reconnectMin: number; readonly reconnectMax: number } = {
  reconnectMin: 5,
  reconnectMax: 50,
};

/** One way to meet. */
export interface Meeting {
  readonly transport: Transport;
  /** What our side does. */
  readonly role: "bind" | "connect";
}

/** For the names of tests. */
export const TRANSPORT_NAMES: string = TRANSPORTS.map(({ name }) => name).join(" and ");

/** Each transport, with either side bound. */
export const MEETINGS: readonly Meeting[] = TRANSPORTS.flatMap((transport) => [
  { transport, role: "bind" },
  { transport, role: "connect" },
]);

/** Runs conversations in several ways, all at once. */
export async function inEachWay(
  meetings: readonly Meeting[],
  run: (how: Meeting) => readonly Promise<void>[],
): Promise<void> {
  await Promise.all(meetings.map((meeting) =>
    Promise.all(run(meeting)).catch((cause) => {
      const how = `over ${meeting.transport.name}, where ours is to ${meeting.role}`;
      throw new Error(`${how}: ${cause.message}`, { cause });
    })
  ));
}
