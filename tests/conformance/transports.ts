/** The transports that every pattern is tested on. A new one is one entry of {@linkcode TRANSPORTS}. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { BindOptions, ConnectOptions, Socket } from "../../mod.ts";
import { StreamPlace } from "./stream_place.ts";
import { stopWorker, workerPlace } from "./worker_place.ts";
import { certificates } from "../helpers/certificates.ts";
import "../helpers/memory_transport.ts";

/** Where two sockets meet, one of them listening and the others dialling, in either order. */
export interface Place extends AsyncDisposable {
  /** Takes in who dials. */
  listen(socket: Socket, options?: BindOptions): Promise<{ close(): Promise<void> }>;
  /** Dials who listens. */
  dial(socket: Socket, options?: ConnectOptions): { close(): Promise<void> };
}

/** What can be expected of a transport. */
export interface Abilities {
  /** A message over `maxMessageSize` closes the connection. */
  readonly limitsMessages: boolean;
  /** A connection comes back by itself once somebody listens again. */
  readonly redials: boolean;
  /** To dial where nobody listens is a failure, and not a wait. */
  readonly failsToDial: boolean;
}

/** A transport under test. */
export interface TransportCase extends Abilities {
  readonly name: string;
  /** A place where nobody else is. */
  open(): Promise<Place>;
}

/** A place that is an address. */
export function addressPlace(
  address: string,
  { bindOptions, connectOptions, cleanUp }: {
    bindOptions?: BindOptions;
    connectOptions?: ConnectOptions;
    cleanUp?: () => void | Promise<void>;
  } = {},
): Place {
  return {
    listen: (socket, options) => socket.bind(address, { ...bindOptions, ...options }),
    dial: (socket, options) => socket.connect(address, { ...connectOptions, ...options }),
    [Symbol.asyncDispose]: async () => {
      await cleanUp?.();
    },
  };
}

/**
 * A host and a port that nobody else has. Where the whole of 127.0.0.0/8 is this machine, the host is one that
 * no other test draws, so that the port stays free while nobody listens on it.
 */
export async function freePort(): Promise<{ host: string; port: number }> {
  const byte = (): number => 1 + Math.floor(Math.random() * 254);
  const host = process.platform === "linux" ? `127.${byte()}.${byte()}.${byte()}` : "127.0.0.1";
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, resolve);
  });
  const bound = server.address();
  await new Promise((resolve) => server.close(resolve));
  return { host, port: typeof bound === "object" && bound !== null ? bound.port : 0 };
}

/** A folder for socket files, and what removes it. */
export function temporaryFolder(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "nanostreams-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** An address to bind, of one of the schemes that are bytes; its folder, if it has one, is removed at the end. */
export function freshAddress(
  scheme: "tcp" | "ipc",
): { readonly address: string } & AsyncDisposable {
  const { folder, remove } = temporaryFolder();
  return {
    address: scheme === "ipc" ? `ipc://${join(folder, "socket")}` : "tcp://127.0.0.1:0",
    [Symbol.asyncDispose]: () => {
      remove();
      return Promise.resolve();
    },
  };
}

async function tcpPlace(): Promise<Place> {
  const { host, port } = await freePort();
  return addressPlace(`tcp://${host}:${port}`);
}

function ipcPlace(): Promise<Place> {
  const { folder, remove } = temporaryFolder();
  return Promise.resolve(addressPlace(`ipc://${join(folder, "socket")}`, { cleanUp: remove }));
}

function inprocPlace(): Promise<Place> {
  return Promise.resolve(addressPlace(`inproc://${crypto.randomUUID()}`));
}

function memoryPlace(): Promise<Place> {
  return Promise.resolve(addressPlace(`memory://${crypto.randomUUID()}`));
}

async function wsPlace(): Promise<Place> {
  const { host, port } = await freePort();
  return addressPlace(`ws://${host}:${port}`);
}

/** The certificate is for another address than the one that nobody else has. */
async function tlsPlace(scheme: "tls+tcp" | "wss"): Promise<Place> {
  const { host, port } = await freePort();
  const { ca, server } = await certificates();
  return addressPlace(`${scheme}://${host}:${port}`, {
    bindOptions: { tls: server },
    connectOptions: { tls: { ca, serverName: "localhost" } },
  });
}

function streamPlace(): Promise<Place> {
  return Promise.resolve(new StreamPlace());
}

const BYTES: Abilities = { limitsMessages: true, redials: true, failsToDial: true };
const WITHIN: Abilities = { limitsMessages: false, redials: true, failsToDial: false };

/** All of them. */
export const TRANSPORTS: readonly TransportCase[] = [
  { name: "tcp", open: tcpPlace, ...BYTES },
  { name: "ipc", open: ipcPlace, ...BYTES },
  { name: "inproc", open: inprocPlace, ...WITHIN },
  { name: "inproc across a worker", open: workerPlace, ...WITHIN },
  { name: "an attached stream", open: streamPlace, ...BYTES, redials: false, failsToDial: false },
  { name: "a transport from outside", open: memoryPlace, ...BYTES },
  { name: "ws", open: wsPlace, ...BYTES },
  { name: "wss", open: () => tlsPlace("wss"), ...BYTES },
  { name: "tls+tcp", open: () => tlsPlace("tls+tcp"), ...BYTES },
];

/** Ends what the places of a test file shared: for its `after`. */
export async function leaveTransports(): Promise<void> {
  await stopWorker();
}
