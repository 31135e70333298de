import { Pair } from "../../mod.ts";
import { type Role, say, Stopwatch } from "../lib/worker.ts";

/** Binds a PAIR that sends each message back. */
export const echo: Role = async (settings) => {
  const pair = new Pair();
  await pair.bind(settings.address);
  say({ ready: 1 });
  for await (const message of pair) await pair.send(message);
};

/** Connects a PAIR; one message at a time there and back. */
export const ping: Role = async (settings) => {
  const pair = new Pair();
  pair.connect(settings.address);
  await pair.peers(1);
  const message = new Uint8Array(settings.size);
  const stopwatch = new Stopwatch(settings, 0.5);
  for (;;) {
    const before = performance.now();
    await pair.send(message);
    await pair.receive();
    stopwatch.add(before);
  }
};
