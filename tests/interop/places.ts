/** The transports that are tested against the other implementations. A new one is one line of {@linkcode TRANSPORTS}. */

import { join } from "node:path";
import { freePort, temporaryFolder } from "../conformance/transports.ts";

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

async function tcp(): Promise<Place> {
  const { host, port } = await freePort();
  return { address: `tcp://${host}:${port}`, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function ipc(): Promise<Place> {
  const { folder, remove } = temporaryFolder();
  return Promise.resolve({
    address: `ipc://${join(folder, "socket")}`,
    [Symbol.asyncDispose]: () => Promise.resolve(remove()),
  });
}

/** All of them. */
export const TRANSPORTS: readonly Transport[] = [
  { name: "tcp", open: tcp },
  { name: "ipc", open: ipc },
];

/** Has a dialer try again at once: the peer that it dials is a process that has just been started. */
export const SOON: { readonly reconnectMin: number; readonly reconnectMax: number } = {
  reconnectMin: 5,
  reconnectMax: 50,
};
