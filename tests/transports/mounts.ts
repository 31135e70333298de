/** The servers that a socket can be mounted in, so that one set of tests runs against each that is here. */

import { createServer } from "node:http";
import type { BunServerLike, BunWebSocketHandlers, WebSocketMount } from "../../mod.ts";

/** A running server with a page at `/`, and a mount at every other path. */
export interface MountedServer extends AsyncDisposable {
  /** `ws://127.0.0.1:PORT`. */
  readonly address: string;
}

/** A kind of server. */
export interface ServerCase {
  readonly name: string;
  /** Whether this runtime has it. */
  readonly isHere: boolean;
  /** Whether a peer is pushed back, and a message over the limit refused by its length alone. */
  readonly pushesBack: boolean;
  /** Starts one. */
  start(mount: WebSocketMount): Promise<MountedServer>;
}

async function startNode(mount: WebSocketMount): Promise<MountedServer> {
  const server = createServer((_request, response) => response.end("A page"));
  server.on("upgrade", mount.upgrade);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `ws://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function startDeno(mount: WebSocketMount): Promise<MountedServer> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request, info) =>
      new URL(request.url).pathname === "/" && request.headers.get("upgrade") === null
        ? new Response("A page")
        : mount.handler(request, info),
  );
  return Promise.resolve({
    address: `ws://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  });
}

/** Of `Bun`. */
interface BunLike {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: BunServerLike): Response | undefined;
    websocket: BunWebSocketHandlers;
  }): { readonly port: number; stop(closeActiveConnections: boolean): Promise<void> };
}

function startBun(mount: WebSocketMount): Promise<MountedServer> {
  const { Bun } = globalThis as unknown as { Bun: BunLike };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, server) =>
      new URL(request.url).pathname === "/" && request.headers.get("upgrade") === null
        ? new Response("A page")
        : mount.fetch(request, server),
    websocket: mount.websocket,
  });
  return Promise.resolve({
    address: `ws://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  });
}

/** All of them. */
export const SERVERS: readonly ServerCase[] = [
  { name: "node:http", isHere: true, pushesBack: true, start: startNode },
  { name: "Deno.serve", isHere: "Deno" in globalThis, pushesBack: false, start: startDeno },
  { name: "Bun.serve", isHere: "Bun" in globalThis, pushesBack: false, start: startBun },
];
