/** What the checks of the adapters stand on: adapters, targets, connections to bare peers, bytes. */

import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { TestContext } from "node:test";
import type { Connection } from "../../src/contracts/connection.ts";
import type {
  StreamListener,
  StreamListenerSink,
  StreamOptions,
  StreamRuntime,
  StreamTarget,
} from "../../transports/runtime.ts";
import { connectPlain, listenPlain, Peer } from "./peer.ts";

export const IS_LINUX: boolean = process.platform === "linux";

/** Whether this machine has IPv6. */
export const HAS_IPV6: boolean = Object.values(networkInterfaces())
  .some((addresses) => addresses?.some(({ address }) => address === "::1"));

/** What a transport asks of an adapter. */
export function options(given: Partial<StreamOptions> = {}): StreamOptions {
  return { noDelay: true, keepAlive: {}, signal: new AbortController().signal, ...given };
}

export function tcp(host: string | undefined, port: number, local?: string): StreamTarget {
  return { kind: "tcp", scheme: "tcp", host, port, ...(local !== undefined && { local }) };
}

export function unix(path: string): Extract<StreamTarget, { kind: "unix" }> {
  return { kind: "unix", scheme: "ipc", path };
}

/** A path that nobody uses, in a folder that is gone after the test. */
export function freshPath(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "adapter-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "socket");
}

/** Connections that a listener hands over. */
export class Accepted implements StreamListenerSink {
  readonly connections: Connection[] = [];
  readonly #watchers: Set<() => void> = new Set();

  connection(connection: Connection): void {
    this.connections.push(connection);
    for (const check of [...this.#watchers]) check();
  }

  failed(reason: Error): void {
    throw reason;
  }

  /** Resolves with the connection that is the n-th, counted from 0. */
  at(n: number): Promise<Connection> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.connections.length <= n) return;
        this.#watchers.delete(check);
        resolve(this.connections[n]!);
      };
      this.#watchers.add(check);
      check();
    });
  }
}

/** Binds; the listener and what it accepted are closed after the test. */
export async function listen(
  t: TestContext,
  runtime: StreamRuntime,
  target: StreamTarget,
  given: Partial<StreamOptions> = {},
): Promise<{ listener: StreamListener; accepted: Accepted }> {
  const accepted = new Accepted();
  const listener = await runtime.listen(target, options(given), accepted);
  t.after(async () => {
    await listener.close();
    for (const connection of accepted.connections) connection.destroy();
  });
  return { listener, accepted };
}

/** Connects; the connection is closed after the test. */
export async function connect(
  t: TestContext,
  runtime: StreamRuntime,
  target: StreamTarget,
): Promise<Connection> {
  const connection = await runtime.connect(target, options());
  t.after(() => connection.destroy());
  return connection;
}

/** How an adapter comes by a connection. */
export interface Way {
  readonly name: string;
  readonly isTcp: boolean;
  /** Makes a connection to a bare peer. */
  open(t: TestContext, runtime: StreamRuntime): Promise<{ connection: Connection; peer: Peer }>;
}

async function connectToPeer(
  t: TestContext,
  runtime: StreamRuntime,
  path?: string,
): Promise<{ connection: Connection; peer: Peer }> {
  const peers: Peer[] = [];
  let here = (): void => {};
  const there = new Promise<void>((resolve) => here = resolve);
  const where = path === undefined ? { host: "127.0.0.1", port: 0 } : { path };
  const server = await listenPlain(where, (socket) => {
    peers.push(new Peer(socket));
    here();
  });
  t.after(() => {
    server.close();
    for (const { socket } of peers) socket.destroy();
  });
  const target = path === undefined
    ? tcp("127.0.0.1", (server.address() as AddressInfo).port)
    : unix(path);
  const connection = await connect(t, runtime, target);
  await there;
  return { connection, peer: peers[0]! };
}

async function acceptPeer(
  t: TestContext,
  runtime: StreamRuntime,
  path?: string,
): Promise<{ connection: Connection; peer: Peer }> {
  const target = path === undefined ? tcp("127.0.0.1", 0) : unix(path);
  const { listener, accepted } = await listen(t, runtime, target);
  const peer = await connectPlain(
    path === undefined ? { host: "127.0.0.1", port: listener.port } : { path },
  );
  t.after(() => peer.socket.destroy());
  return { connection: await accepted.at(0), peer };
}

/** Every way there is. */
export const WAYS: readonly Way[] = [
  { name: "tcp, connected", isTcp: true, open: (t, runtime) => connectToPeer(t, runtime) },
  { name: "tcp, accepted", isTcp: true, open: (t, runtime) => acceptPeer(t, runtime) },
  {
    name: "unix, connected",
    isTcp: false,
    open: (t, runtime) => connectToPeer(t, runtime, freshPath(t)),
  },
  {
    name: "unix, accepted",
    isTcp: false,
    open: (t, runtime) => acceptPeer(t, runtime, freshPath(t)),
  },
];

const MIXED = Buffer.from(Uint8Array.from({ length: 65521 }, (_, i) => (i * 31 + (i >> 8)) & 0xff));

/** So many bytes, in which a piece that is missing, doubled or out of place shows. */
export function bytes(length: number): Buffer {
  return Buffer.alloc(length, MIXED);
}

/** More bytes than the operating system takes for a peer that does not read. */
export const TOO_MUCH: Buffer = bytes(32 * 1024 * 1024);
