/**
 * The sockets of a process that runs out of something, on any runtime.
 *
 * @module
 */
import { closeSync, openSync } from "node:fs";
import { Pull, Push, type SocketEvent } from "../../mod.ts";
import { serveQuestions } from "../lib/answers.ts";

const events: SocketEvent[] = [];
const files: number[] = [];
const pushes: Push[] = [];
let pull: Pull | undefined;
let received = 0;

async function watch(socket: Pull | Push): Promise<void> {
  for await (const event of socket.events()) {
    if (event.type !== "attached" && event.type !== "detached") events.push(event);
  }
}

async function count(socket: Pull): Promise<void> {
  for await (const _ of socket) received++;
}

serveQuestions({
  /** A PULL that counts; where it is bound. */
  async bind({ address }: { address: string }) {
    pull = new Pull();
    watch(pull);
    const listener = await pull.bind(address);
    count(pull).catch(() => {}); // It was closed.
    return { address: listener.address };
  },
  /** PUSH sockets, each with a dialer of its own. */
  connect({ address, count }: { address: string; count: number }) {
    for (let i = 0; i < count; i++) {
      const push = new Push({ reconnectMin: 20, reconnectMax: 100 });
      watch(push);
      pushes.push(push);
      push.connect(address);
    }
  },
  /** Closes so many of them. */
  async release({ count }: { count: number }) {
    await Promise.all(pushes.splice(0, count).map((push) => push.close({ linger: 0 })));
  },
  /** How many of them have a peer. */
  connected() {
    return { connected: pushes.filter((push) => push.stats().peers.length > 0).length };
  },
  /** Each of them sends a message. */
  async send() {
    await Promise.all(pushes.map((push) => push.send("x", { timeout: 5000 })));
  },
  /** Opens files until there are no more. */
  fill() {
    try {
      for (;;) files.push(openSync("/dev/null", "r"));
    } catch {
      return { files: files.length };
    }
  },
  /** Closes them. */
  empty() {
    for (const file of files.splice(0)) closeSync(file);
  },
  /** How many events of a kind there have been, and what the last of them says. */
  events({ type }: { type: SocketEvent["type"] }) {
    const those = events.filter((event) => event.type === type);
    const last = those.at(-1);
    const reason = last !== undefined && "reason" in last && typeof last.reason === "object"
      ? last.reason
      : undefined;
    return { count: those.length, code: reason?.code, message: reason?.message };
  },
  /** Messages that have come, and peers that are there. */
  stats() {
    return { received, peers: pull?.stats().peers.length ?? 0 };
  },
});
