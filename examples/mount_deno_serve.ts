// A socket within a server of Deno.serve, which still serves its pages.
//
//   deno run --allow-net --allow-env examples/mount_deno_serve.ts
//   nanocat --req --connect ws://127.0.0.1:8080/upper --data hello --ascii
//
// Deno.serve cannot push a peer back, and reads messages of up to 64 MiB before anybody can refuse them. If you do not trust
// the peers with that, bind a port of its own (ws://*:8081), or mount in node:http.
import { Rep, WebSocketMount } from "../mod.ts";

const rep = new Rep();
const mount = new WebSocketMount();
// Pages of this server may connect. For other pages: { webSocket: { origin: "https://example.org" } }.
await rep.bind(mount);
rep.serve((request) => new TextDecoder().decode(request).toUpperCase());

const server = Deno.serve({
  port: Number(Deno.env.get("PORT") ?? 8080),
  hostname: "127.0.0.1",
  onListen: ({ port }) => console.log(`http://127.0.0.1:${port}/ and ws://127.0.0.1:${port}/upper`),
}, (request, info) => {
  const { pathname } = new URL(request.url);
  return pathname === "/upper" ? mount.handler(request, info) : new Response("A page\n");
});

Deno.addSignalListener("SIGTERM", async () => {
  await rep.close();
  await server.shutdown();
  Deno.exit();
});
