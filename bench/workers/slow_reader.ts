import { Pub, Pull, Push, Sub } from "../../mod.ts";
import {
  cue,
  currentMemory,
  finish,
  nextTurn,
  peakMemory,
  type Role,
  say,
  untilTheEnd,
} from "../lib/worker.ts";

/** Binds a socket that nobody reads; at the cue, says by how much its memory has grown. */
export const stall: Role = async (settings) => {
  const socket = settings.pattern === "pubsub" ? new Sub({ subscribe: [""] }) : new Pull();
  await socket.bind(settings.address);
  const before = currentMemory();
  say({ ready: 1 });
  await cue();
  finish({ grown: peakMemory() - before });
};

/** Sends to it as fast as the library lets it. */
export const flood: Role = async (settings) => {
  const socket = settings.pattern === "pubsub" ? new Pub() : new Push();
  socket.connect(settings.address);
  await socket.peers(1);
  const message = new Uint8Array(settings.size).fill(1);
  const before = currentMemory();
  const signal = AbortSignal.timeout(settings.duration);
  let count = 0;
  while (!signal.aborted) {
    await socket.send(message, { signal }).then(() => count++, () => {});
    if (settings.pattern === "pubsub") await nextTurn();
  }
  say({ count, grown: peakMemory() - before });
  await untilTheEnd();
};
