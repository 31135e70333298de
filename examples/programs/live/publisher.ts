// Serves a page and publishes to it, on one port. The page is bundled by esbuild (npm install esbuild).
//
//   node examples/programs/live/publisher.ts
//
// Then open http://127.0.0.1:8080/, as often as you like.
import { build } from "esbuild";
import { createServer } from "node:http";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import process from "node:process";
import { Pub, WebSocketMount } from "@nanostreams/nanostreams";
import { load } from "./load.ts";

const page = `${import.meta.dirname}/page.ts`;
const built = await build({ entryPoints: [page], bundle: true, format: "esm", write: false });
const script = `<script type="module">${built.outputFiles[0]!.text}</script>`;

const pub = new Pub({ codec: load });
const mount = new WebSocketMount();
await pub.bind(mount); // takes WebSockets of this server's own pages

const server = createServer((_request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(`<!doctype html><title>Load</title><pre></pre>${script}`);
});
server.on("upgrade", mount.upgrade);
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  console.log(`Open http://127.0.0.1:${port}/`);
});

setInterval(() => {
  pub.send({ topic: "processors", value: { percent: 100 * loadavg()[0]! / cpus().length } });
  pub.send({ topic: "memory", value: { percent: 100 - 100 * freemem() / totalmem() } });
}, 250);
