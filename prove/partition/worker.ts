/**
 * One side of the variants: a PULL or a PUSH for each. It notes when the peer is gone, and when one is there again.
 *
 * @module
 */
import { Pull, Push, type Socket } from "../../mod.ts";
import { serveQuestions } from "../lib/answers.ts";
import { variants } from "./variants.ts";

/** What there is to tell of a variant. */
interface Seen {
  attached: number;
  /** By the clock. */
  goneAt?: number;
  backAt?: number;
  reason?: string;
  /** What the library does not know of it. */
  unknown?: string;
  /** Messages that were accepted before the peer was noticed to be gone, and all that were accepted, or taken. */
  accepted: number;
  count: number;
}

const seen: Seen[] = variants.map(() => ({ attached: 0, accepted: 0, count: 0 }));
const sockets: Socket[] = [];
const writers: Promise<void>[] = [];
let goesOn = true;

serveQuestions({
  listen: async ({ ip }) => {
    const addresses: string[] = [];
    for (const [i, { scheme, bind = {} }] of variants.entries()) {
      const socket = new Pull();
      watch(socket, seen[i]!);
      const address = `${scheme}://${ip}:0`;
      const listener = await trying(seen[i]!, bind, (options) => socket.bind(address, options));
      addresses.push(listener.address);
      count(socket, seen[i]!);
    }
    return { addresses };
  },
  dial: async ({ addresses }) => {
    for (const [i, { connect = {}, size }] of variants.entries()) {
      const socket = new Push({ connectTimeout: 2_000 });
      watch(socket, seen[i]!);
      await trying(seen[i]!, connect, (options) => socket.connect(addresses[i], options));
      await socket.peers(1);
      if (size > 0) writers.push(write(socket, seen[i]!, size));
    }
  },
  tell: () => ({ seen }),
  finish: async () => {
    goesOn = false;
    // A PUSH that has no peer waits on: so do we, but not for ever.
    await Promise.race([Promise.all(writers), new Promise((end) => setTimeout(end, 5_000))]);
    const before = structuredClone(seen);
    await Promise.all(sockets.map((socket) => socket.close({ linger: 5_000 })));
    return { seen: before, drops: sockets.map((socket) => socket.stats().drops) };
  },
});

/** Does it with the options, or without if the library does not know them yet. */
async function trying<Result>(
  of: Seen,
  options: object,
  act: (options: object) => Result,
): Promise<Awaited<Result>> {
  try {
    return await act(options);
  } catch (error) {
    of.unknown = error instanceof Error ? error.message.split(";")[0]! : String(error);
    return await act({});
  }
}

async function watch(socket: Socket, of: Seen): Promise<void> {
  sockets.push(socket);
  for await (const event of socket.events()) {
    if (event.type === "attached") {
      of.attached++;
      if (of.goneAt !== undefined) of.backAt ??= Date.now();
    } else if (event.type === "detached" && of.goneAt === undefined) {
      of.goneAt = Date.now();
      if (event.reason !== undefined) of.reason = event.reason.message;
      of.accepted = of.count;
    }
  }
}

async function count(socket: Pull, of: Seen): Promise<void> {
  try {
    for (;;) of.count += (await socket.receiveBatch()).length;
  } catch {
    // It is closed.
  }
}

/** 100 messages a second. */
async function write(socket: Push, of: Seen, size: number): Promise<void> {
  const message = new Uint8Array(size);
  try {
    while (goesOn) {
      await socket.send(message);
      of.count++;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } catch {
    // It is closed.
  }
}
