/**
 * ZeroMQ's PULL or SUB, by zeromq.js, under the same crowd in ZeroMQ's own wire.
 *
 * @module
 */
import { Pull, Subscriber } from "zeromq";
import { serveQuestions } from "../lib/answers.ts";
import { Watch, type WindowOptions } from "./watch.ts";

const watch = new Watch();
let socket: Pull | Subscriber;
let isReading = false;

async function read(): Promise<void> {
  isReading = true;
  for await (const [message] of socket) watch.add(message!);
}

serveQuestions({
  /** Binds. */
  async open({ port, pattern }: { port: number; pattern: "pull" | "sub" }) {
    socket = pattern === "pull" ? new Pull() : new Subscriber();
    if (socket instanceof Subscriber) socket.subscribe();
    await socket.bind(`tcp://127.0.0.1:${port}`);
  },
  /** Begins to read if it has not, and tells what so many milliseconds saw. */
  window: (options: WindowOptions) =>
    watch.window(options, () => {
      if (!isReading) read().catch(() => {}); // It was closed.
    }),
});
