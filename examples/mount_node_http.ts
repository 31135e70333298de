// A socket within a server of node:http (or node:https), which still serves its pages. The same on Node, Deno and Bun.
//
//   node examples/mount_node_http.ts
//   nanocat --req --connect ws://127.0.0.1:8080/upper --data hello --ascii
import { createServer } from "node:http";
import process from "node:process";
import { Rep, WebSocketMount } from "../mod.ts";

const rep = new Rep();
const mount = new WebSocketMount();
// Pages of this server may connect. For other pages: { webSocket: { origin: "https://example.org" } }.
await rep.bind(mount);
rep.serve((request) => new TextDecoder().decode(request).toUpperCase());

const server = createServer((_request, response) => response.end("A page\n"));
server.on("upgrade", (request, socket, head) => {
  // Every other path could be somebody else's WebSocket.
  if (request.url === "/upper") mount.upgrade(request, socket, head);
  else socket.destroy();
});

server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  console.log(`http://127.0.0.1:${port}/ and ws://127.0.0.1:${port}/upper`);
});

process.once("SIGTERM", async () => {
  await rep.close();
  server.close();
});
