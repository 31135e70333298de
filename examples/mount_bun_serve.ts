// A socket within a server of Bun.serve, which still serves its pages.
//
//   bun examples/mount_bun_serve.ts
//   nanocat --req --connect ws://127.0.0.1:8080/upper --data hello --ascii
//
// Bun.serve cannot push a peer back: messages that wait to be read are held, up to webSocket.maxBacklog bytes. Beyond it, the
// peer is disconnected.
import process from "node:process";
import { type BunServerLike, type BunWebSocketHandlers, Rep, WebSocketMount } from "../mod.ts";

/** The part of it that is used here, if @types/bun is missing. */
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
// Pages of this server may connect. For other pages: { webSocket: { origin: "https://example.org" } }.
await rep.bind(mount);
rep.serve((request) => new TextDecoder().decode(request).toUpperCase());

const server = Bun.serve({
  port: Number(process.env["PORT"] ?? 8080),
  hostname: "127.0.0.1",
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    return pathname === "/upper" ? mount.fetch(request, server) : new Response("A page\n");
  },
  // Bun's own defaults send pings, which nanomsg takes for messages, and drop messages to slow peers.
  websocket: mount.websocket,
});
console.log(`http://127.0.0.1:${server.port}/ and ws://127.0.0.1:${server.port}/upper`);

process.once("SIGTERM", async () => {
  await rep.close();
  await server.stop();
});
