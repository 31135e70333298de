import { Rep, Req } from "../../mod.ts";
import { type Role, say, Stopwatch } from "../lib/worker.ts";

/** Binds a REP that answers with the request, `count` at once. */
export const rep: Role = async (settings) => {
  const socket = new Rep();
  await socket.bind(settings.address);
  say({ ready: 1 });
  await socket.serve((request) => request, { concurrency: settings.count });
};

/** Connects a REQ that keeps `count` requests in flight. */
export const req: Role = async (settings) => {
  const socket = new Req();
  socket.connect(settings.address);
  await socket.peers(1);
  const message = new Uint8Array(settings.size);
  const stopwatch = new Stopwatch(settings, 1);
  await Promise.all(Array.from({ length: settings.count }, async () => {
    for (;;) {
      const before = performance.now();
      await socket.request(message);
      stopwatch.add(before);
    }
  }));
};
