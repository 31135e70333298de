import { Pub, Sub } from "../../mod.ts";
import { Meter, nextTurn, type Role, say } from "../lib/worker.ts";

/** Messages that the publisher sends in one turn of the event loop. */
const burst = 64;

/** Binds a PUB, waits for `count` subscribers, publishes. */
export const pub: Role = async (settings) => {
  const socket = new Pub();
  await socket.bind(settings.address);
  say({ ready: 1 });
  await socket.peers(settings.count);
  const message = new Uint8Array(settings.size);
  const writer = socket.writable.getWriter();
  for (;;) {
    for (let i = 0; i < burst; i++) writer.write(message);
    await writer.ready;
    await nextTurn();
  }
};

/** Connects `count` SUBs and counts what all of them get. */
export const sub: Role = async (settings) => {
  const meter = new Meter(settings);
  await Promise.all(Array.from({ length: settings.count }, async () => {
    const socket = new Sub({ subscribe: [""], reconnectMin: 10 });
    socket.connect(settings.address);
    const reader = socket.readable.getReader();
    for (;;) {
      const { value } = await reader.read();
      meter.add(value!.length);
    }
  }));
};
