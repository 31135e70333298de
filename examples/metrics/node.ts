//   node examples/metrics/node.ts
//   curl http://127.0.0.1:8080/metrics
//
// The package @hono/node-server does what the handler here does, and more: requests with a body, streams.
import { createServer } from "node:http";
import process from "node:process";
import { app, mount, rep } from "./app.ts";

const server = createServer(async (request, response) => {
  const answer = await app.request(request.url ?? "/", { method: request.method ?? "GET" });
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  response.end(await answer.text());
});
server.on("upgrade", mount.upgrade);

server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  console.log(`Serving http://127.0.0.1:${port}/metrics`);
});

process.once("SIGTERM", async () => {
  await rep.close();
  server.close();
  server.closeAllConnections();
});
