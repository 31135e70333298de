//   bun examples/metrics/bun.ts
//   curl http://127.0.0.1:8080/metrics
import process from "node:process";
import type { BunServerLike, BunWebSocketHandlers } from "../../mod.ts";
import { app, mount, rep } from "./app.ts";

/** The part of it that is used here, if @types/bun is missing. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch: (request: Request, server: BunServerLike) => Response | Promise<Response>;
    websocket: BunWebSocketHandlers;
  }): { readonly port: number; stop(): Promise<void> };
};

// Hono needs a response; Bun has already taken the request, and ignores it.
app.get("/upper", ({ req, env }) => mount.fetch(req.raw, env as BunServerLike) ?? new Response());

const server = Bun.serve({
  port: Number(process.env["PORT"] ?? 8080),
  hostname: "127.0.0.1",
  fetch: app.fetch,
  // Bun's own defaults send pings, which nanomsg takes for messages, and drop messages to slow peers.
  websocket: mount.websocket,
});
console.log(`Serving http://127.0.0.1:${server.port}/metrics`);

process.once("SIGTERM", async () => {
  await rep.close();
  await server.stop();
});
