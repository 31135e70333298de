/**
 * The socket that a crowd talks to, on any runtime.
 *
 * @module
 */
import { Pull, Sub } from "../../mod.ts";
import { currentMemory, heapMemory, peakMemory, sleep } from "../../bench/lib/worker.ts";
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

/** Begins to read if it has not. */
function begin(face: "calls" | "streams" = "calls"): void {
  if (!isReading) (face === "calls" ? read() : readStream()).catch(() => {}); // It was closed.
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
    return watch.window(options, () => begin(face));
  },
  /** Tells when something has come from each of so many, or how many are silent after so many milliseconds. */
  everyone(options: WindowOptions) {
    return watch.everyone(options, begin);
  },
  /** Takes what is there, until nothing has come for a while; how many messages. */
  async drain() {
    const tally = watch.count();
    begin();
    for (let before = -1; before !== tally.taken;) {
      before = tally.taken;
      await sleep(500);
    }
    return { taken: tally.taken };
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
