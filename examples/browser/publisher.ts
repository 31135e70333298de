// A publisher and the page that shows what it says, on one port:
//
//   npm run dashboard
//   node examples/browser/publisher.ts --port 8080       (or: deno run -A …, or: bun …)
//
// Then open http://127.0.0.1:8080/. Kill it and start it again, or feed the page from elsewhere:
//
//   nanocat --pub --bind ws://127.0.0.1:9000 --data 'room 21.5°C' --interval 0.5
import { createServer } from "node:http";
import process from "node:process";
import { parseArgs } from "node:util";
import { Pub, WebSocketMount } from "../../mod.ts";
import { Machine } from "./machine.ts";
import { bundlePage, serveFiles } from "./site.ts";

const { values: options } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "8080" },
    /** Milliseconds from one message to the next. */
    interval: { type: "string", default: "250" },
  },
});
const interval = Number(options.interval);

const pub = new Pub({ overflow: "drop-oldest" });
const mount = new WebSocketMount();
await pub.bind(mount, { webSocket: { path: "/feed" } });

const server = createServer(serveFiles(await bundlePage()));
server.on("upgrade", mount.upgrade);
server.listen(Number(options.port), options.host, () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  console.log(`Open http://${options.host}:${port}/`);
});

const machine = new Machine();
let sentBefore = 0;
const timer = setInterval(() => {
  const { peers, messagesSent, drops } = pub.stats();
  const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
  const rate = (messagesSent - sentBefore) * 1000 / interval;
  sentBefore = messagesSent;
  const lines = [
    ...machine.measure(interval),
    `publisher.peers ${peers.length}`,
    `publisher.sent ${rate}/s`,
    `publisher.dropped ${dropped}`,
  ];
  const now = Date.now();
  pub.send(lines.map((line) => `${line} ${now}`).join("\n"));
}, interval);

async function stop(): Promise<void> {
  clearInterval(timer);
  await pub.close();
  server.close();
  server.closeAllConnections();
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
