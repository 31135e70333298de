/* The end that binds: sends without end, or answers. */
import { setImmediate as turn } from "node:timers/promises";
import type { Conversation } from "../sockets.ts";
import { stamper } from "./stamps.ts";

/** Messages between two looks at the event loop. */
const BURST = 256;
/** Requests that a REP has in hand at once. */
const IN_HAND = 1024;

/** Serves until the signal is aborted. */
export async function serveBench(
  conversation: Conversation,
  size: number,
  stop: AbortSignal,
): Promise<void> {
  const { serve } = conversation;
  try {
    if (serve === undefined) return await sendOn(conversation, size, stop);
    await serve(({ frames }) => Promise.resolve(frames), { concurrency: IN_HAND, signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

async function sendOn(
  { socket, send, audience }: Conversation,
  size: number,
  stop: AbortSignal,
): Promise<void> {
  const next = stamper(size);
  const wait = { signal: stop };
  while (!stop.aborted) {
    // What goes to nobody says nothing.
    if (audience !== undefined) await audience(1, wait);
    else await socket.peers(1, wait);
    for (let n = 0; n < BURST && !stop.aborted; n++) await send!([next()], wait);
    await turn();
  }
}
