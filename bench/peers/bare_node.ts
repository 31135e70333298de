/**
 * The bare socket of Node: `node:net`.
 *
 * @module
 */
import { connect, createServer, type Socket } from "node:net";
import { runWorker } from "../lib/worker.ts";
import { type BareConnection, bareRoles, type BareRuntime, type Endpoint } from "./bare_roles.ts";

const options = { noDelay: true, highWaterMark: 448 * 1024 }; // seven slabs may wait

function connectionOf(socket: Socket): BareConnection {
  const connection: BareConnection = {
    onData: () => {},
    write: (bytes) =>
      socket.write(bytes)
        ? undefined
        : new Promise((resolve) => socket.once("drain", () => resolve())),
    close: () => socket.destroy(),
  };
  socket.on("data", (chunk: Uint8Array) => connection.onData(chunk));
  socket.on("error", () => {}); // the other worker has ended
  return connection;
}

function nodeEndpoint(endpoint: Endpoint): { path: string } | { host: string; port: number } {
  return "path" in endpoint ? endpoint : { host: endpoint.hostname, port: endpoint.port };
}

/** What this runtime brings. */
export const bareRuntime: BareRuntime = {
  listen: (endpoint, onConnection) =>
    new Promise((resolve, reject) => {
      const server = createServer(options, (socket) => onConnection(connectionOf(socket)));
      server.once("error", reject);
      server.listen({ ...nodeEndpoint(endpoint), backlog: 4096 }, resolve);
    }),
  connect: (endpoint) =>
    new Promise((resolve, reject) => {
      const socket = connect({ ...nodeEndpoint(endpoint), ...options });
      socket.once("error", reject);
      socket.once("connect", () => resolve(connectionOf(socket)));
    }),
};

if (import.meta.main) runWorker(bareRoles(bareRuntime));
