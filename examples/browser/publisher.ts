// A publisher, and the page that shows its values, on one port:
//
//   npm run dashboard
//   node examples/browser/publisher.ts --port 8080       (or: deno run -A …, or: bun …)
//
// Then open http://127.0.0.1:8080/. Stop it and start it again, or feed the page from another publisher:
//
//   nanocat --pub --bind ws://127.0.0.1:9000 --data 'room 21.5°C' --interval 0.5
import { createServer } from "node:http";
import process from "node:process";
import { parseArgs } from "node:util";
import { Pub, WebSocketMount } from "../../mod.ts";
import { Machine } from "./machine.ts";
import { bundlePage, serveFiles } from "./site.ts";

const { host, port, interval } = readOptions();

const pub = new Pub({ overflow: "drop-oldest" });
const mount = new WebSocketMount();
await pub.bind(mount, { webSocket: { path: "/feed" } });

const server = createServer(serveFiles(await bundlePage()));
server.on("upgrade", mount.upgrade);
server.once("error", ({ code, message }: Error & { code?: string }) => {
  const reason = code === "EADDRINUSE"
    ? "the port is in use; --port takes another, and 0 any that is free"
    : message;
  fail(`Cannot serve the page at http://${host}:${port}/: ${reason}`);
});
server.listen(port, host, () => {
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  console.log(`Open http://${host}:${bound}/`);
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

function readOptions(): { host: string; port: number; interval: number } {
  try {
    const { values } = parseArgs({
      options: {
        host: { type: "string", default: "127.0.0.1" },
        port: { type: "string", default: "8080" },
        /** Milliseconds from one message to the next. */
        interval: { type: "string", default: "250" },
      },
    });
    const [port, interval] = [Number(values.port), Number(values.interval)];
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      return fail(`Invalid --port "${values.port}": expected 0 to 65535`);
    }
    if (!(interval >= 10)) {
      return fail(`Invalid --interval "${values.interval}": expected milliseconds, 10 or more`);
    }
    return { host: values.host, port, interval };
  } catch (error) {
    return fail((error as Error).message);
  }
}

/** Ends the program with a line that says why. */
function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}
