// A socket within a server of Bun.serve, which goes on serving its pages.
//
//   bun examples/mount_bun_serve.ts
//   nanocat --req --connect ws://127.0.0.1:8080/upper --data hello --ascii
//
// Bun.serve cannot push a peer back: what waits to be read is held, up to webSocket.maxBacklog bytes, and then the peer
// is let go.
import process from "node:process";
import { type BunServerLike, type BunWebSocketHandlers, Rep, WebSocketMount } from "../mod.ts";

/** What is used of it here, for who has no @types/bun. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: BunServerLike): Response | undefined;
    websocket: BunWebSocketHandlers;
  }): { readonly port: number; stop(): Promise<void> };
};

const rep = new Rep();
const mount = new WebSocketMount();
// Pages of this server may connect; for those of others: { webSocket: { origin: "https://example.org" } }.
await rep.bind(mount);
rep.serve((request) => new TextDecoder().decode(request).toUpperCase());

const server = Bun.serve({
  port: Number(process.env["PORT"] ?? 8080),
  hostname: "127.0.0.1",
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    return pathname === "/upper" ? mount.fetch(request, server) : new Response("A page\n");
  },
  // Its own defaults ping, which nanomsg takes for messages, and drop what a slow peer does not take.
  websocket: mount.websocket,
});
console.log(`http://127.0.0.1:${server.port}/ and ws://127.0.0.1:${server.port}/upper`);

process.once("SIGTERM", async () => {
  await rep.close();
  await server.stop();
});
