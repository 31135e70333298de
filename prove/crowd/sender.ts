/**
 * The sockets that send, on any runtime.
 *
 * @module
 */
import { Bus, Pub, Push, Req, type Sender, type Socket } from "../../mod.ts";
import { mark } from "../../bench/lib/crowd.ts";
import { currentMemory, heapMemory, nextTurn, peakMemory } from "../../bench/lib/worker.ts";
import { serveQuestions } from "../lib/answers.ts";

type Sending = Sender & Socket;

const classes: Record<string, new (options: object) => Sending> = {
  bus: Bus,
  pub: Pub,
  push: Push,
  req: Req,
};

let socket: Sending;
const pushes: Push[] = [];

serveQuestions({
  /** Binds. */
  async open({ pattern, options = {} }: { pattern: string; options?: object }) {
    socket = new classes[pattern]!(options);
    const { address } = await socket.bind("tcp://127.0.0.1:0");
    return { port: Number(address.split(":").at(-1)) };
  },
  /** Answers when so many peers are attached. */
  async peers({ count }: { count: number }) {
    await socket.peers(count);
  },
  /** Sends as fast as it may for so long, with a turn for the event loop each 64 KiB. */
  async flood({ milliseconds, size }: { milliseconds: number; size: number }) {
    const message = new Uint8Array(size);
    const end = performance.now() + milliseconds;
    const inATurn = Math.max(1, 65_536 / size);
    let sent = 0;
    while (performance.now() < end) {
      for (let i = 0; i < inATurn; i++) await socket.send(message);
      sent += inATurn;
      await nextTurn();
    }
    return { sent };
  },
  /** Sends until `send` has waited for so many milliseconds, or that many are sent; how many were. */
  async fill({ count, size, patience }: { count: number; size: number; patience: number }) {
    const message = new Uint8Array(size);
    for (let sent = 0; sent < count; sent++) {
      try {
        await socket.send(message, { timeout: patience });
      } catch {
        return { sent };
      }
    }
    return { sent: count };
  },
  /** Asks so often, and waits for no answer; how many went to a peer or its queue, and how many failed. */
  async hold({ count, size }: { count: number; size: number }) {
    const message = new Uint8Array(size);
    let refused = 0;
    for (let i = 0; i < count; i++) {
      (socket as Req).request(message).catch(() => refused++);
      if (i % 1000 === 999) await nextTurn();
    }
    await nextTurn();
    return { sent: socket.stats().messagesSent, ...(refused > 0 && { refused }) };
  },
  /** So many PUSH sockets connect, each by itself, and send for ever. */
  connect({ address, count }: { address: string; count: number }) {
    for (let number = 0; number < count; number++) {
      const push = new Push({ reconnectMin: 10 });
      push.connect(address);
      pushes.push(push);
      const body = new Uint8Array(64);
      mark(body, number, 0, 0);
      (async () => {
        for (;;) await push.send(body);
      })().catch(() => {}); // It was closed.
    }
  },
  /** What it costs now. */
  memory() {
    const heap = heapMemory();
    return { heap, rss: currentMemory(), peak: peakMemory() };
  },
});
