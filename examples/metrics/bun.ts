//   bun examples/metrics/bun.ts
//   curl http://127.0.0.1:8080/metrics
import process from "node:process";
import type { BunServerLike, BunWebSocketHandlers } from "../../mod.ts";
import { app, mount, rep } from "./app.ts";

/** What is used of it here, for who has no @types/bun. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch: (request: Request, server: BunServerLike) => Response | Promise<Response>;
    websocket: BunWebSocketHandlers;
  }): { readonly port: number; stop(): Promise<void> };
};

// Hono wants a response; Bun has taken the request by then, and ignores it.
app.get("/upper", ({ req, env }) => mount.fetch(req.raw, env as BunServerLike) ?? new Response());

const server = Bun.serve({
  port: Number(process.env["PORT"] ?? 8080),
  hostname: "127.0.0.1",
  fetch: app.fetch,
  // Its own defaults ping, which nanomsg takes for messages, and drop what a slow peer does not take.
  websocket: mount.websocket,
});
console.log(`Serving http://127.0.0.1:${server.port}/metrics`);

process.once("SIGTERM", async () => {
  await rep.close();
  await server.stop();
});
