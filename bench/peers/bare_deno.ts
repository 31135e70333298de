/**
 * The bare socket of Deno: `Deno.connect`, `Deno.listen`.
 *
 * @module
 */
import { runWorker } from "../lib/worker.ts";
import { type BareConnection, bareRoles, type BareRuntime, type Endpoint } from "./bare_roles.ts";

/** What is used of `Deno`, so that this file is type-checked without Deno's types. */
interface Connection {
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  setNoDelay?(noDelay: boolean): void;
}
interface Listener extends AsyncIterable<Connection> {
  close(): void;
}
type Options = { transport: "unix"; path: string } | {
  transport: "tcp";
  hostname: string;
  port: number;
  tcpBacklog?: number;
};
declare const Deno: {
  connect(options: Options): Promise<Connection>;
  listen(options: Options): Listener;
};

const readSize = 64 * 1024;
/** Until more comes at once: a read that waits holds its buffer, which weighs with many idle peers. */
const firstReadSize = 1024;

function connectionOf(raw: Connection): BareConnection {
  raw.setNoDelay?.(true);
  const connection: BareConnection = {
    onData: () => {},
    write: (bytes) => writeAll(raw, bytes),
    close: () => raw.close(),
  };
  readAll(raw, connection).catch(() => {}); // the other worker has ended
  return connection;
}

async function readAll(raw: Connection, connection: BareConnection): Promise<void> {
  for (let size = firstReadSize;;) {
    const buffer = new Uint8Array(size); // a new one each time: messages are views on it
    const length = await raw.read(buffer);
    if (length === null) return;
    if (length === size) size = readSize;
    connection.onData(buffer.subarray(0, length));
  }
}

async function writeAll(raw: Connection, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await raw.write(rest));
}

function denoOptions(endpoint: Endpoint): Options {
  if ("path" in endpoint) return { transport: "unix", path: endpoint.path };
  return { transport: "tcp", ...endpoint, tcpBacklog: 4096 };
}

async function acceptAll(
  listener: Listener,
  onConnection: (connection: BareConnection) => void,
): Promise<void> {
  for await (const raw of listener) onConnection(connectionOf(raw));
}

/** What this runtime brings. */
export const bareRuntime: BareRuntime = {
  listen: (endpoint, onConnection) => {
    acceptAll(Deno.listen(denoOptions(endpoint)), onConnection);
    return Promise.resolve();
  },
  connect: async (endpoint) => connectionOf(await Deno.connect(denoOptions(endpoint))),
};

if (import.meta.main) runWorker(bareRoles(bareRuntime));
