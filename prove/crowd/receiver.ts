/**
 * The socket that a crowd talks to, on any runtime.
 *
 * @module
 */
import { Pull, Sub } from "../../mod.ts";
import { currentMemory, heapMemory, peakMemory } from "../../bench/lib/worker.ts";
import { serveQuestions } from "../lib/answers.ts";
import { Watch, type WindowOptions } from "./watch.ts";

let socket: Pull | Sub;
const watch = new Watch();
let isReading = false;

async function read(): Promise<void> {
  isReading = true;
  for (;;) {
    const message = await socket.receive();
    watch.add(message);
  }
}

async function readStream(): Promise<void> {
  isReading = true;
  for await (const message of socket.readable) watch.add(message);
}

serveQuestions({
  /** Binds. */
  async open({ pattern, scheme = "tcp", options = {} }: {
    pattern: "pull" | "sub";
    scheme?: "tcp" | "ws";
    options?: object;
  }) {
    socket = pattern === "pull" ? new Pull(options) : new Sub({ subscribe: [""], ...options });
    const { address } = await socket.bind(`${scheme}://127.0.0.1:0`, { backlog: 4096 });
    return { port: Number(new URL(address.replace(/^\w+/, "http")).port) };
  },
  /** Answers when so many peers are attached. */
  async peers({ count }: { count: number }) {
    await socket.peers(count);
  },
  /** Begins to read if it has not, and tells what so many milliseconds saw. */
  window({ face = "calls", ...options }: WindowOptions & { face?: "calls" | "streams" }) {
    return watch.window(options, () => {
      if (!isReading) (face === "calls" ? read() : readStream()).catch(() => {}); // It was closed.
    });
  },
  /** Takes what is there, until nothing has come for a while; how many messages. */
  async drain() {
    let taken = 0;
    for (;;) {
      const message = await socket.receive({ timeout: 1000 }).catch(() => undefined);
      if (message === undefined) return { taken };
      taken++;
    }
  },
  /** What it costs now. */
  memory() {
    const heap = heapMemory();
    return { heap, rss: currentMemory(), peak: peakMemory() };
  },
  /** What it has counted. */
  stats() {
    const { messagesReceived, queuedMessages, peers } = socket.stats();
    return { messagesReceived, queuedMessages, peers: peers.length };
  },
  /** Closes. */
  async close() {
    await socket.close();
  },
});
