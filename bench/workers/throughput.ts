import { Pull, Push } from "../../mod.ts";
import { Meter, nextWindow, type Role, say, type Settings } from "../lib/worker.ts";

/** Messages that the batches face sends before it waits. */
const batchSize = 256;

/**
 * Takes messages through the face that is asked for, and counts them. It waits between two windows: within one process,
 * the messages would keep the cue from coming.
 */
export async function receiveForever(pull: Pull, settings: Settings): Promise<void> {
  const meter = new Meter(settings);
  switch (settings.face) {
    case "streams": {
      const reader = pull.readable.getReader();
      for (;;) {
        const { value } = await reader.read();
        const { length } = value!;
        if (meter.add(length)) await nextWindow();
      }
    }
    case "calls":
      for (;;) {
        const message = await pull.receive();
        if (meter.add(message.length)) await nextWindow();
      }
    case "batches":
      for (;;) {
        for (const message of await pull.receiveBatch()) {
          if (meter.add(message.length)) await nextWindow();
        }
      }
  }
}

/** Sends through the face that is asked for, until the bench ends this process. */
export async function sendForever(push: Push, settings: Settings): Promise<void> {
  const message = new Uint8Array(settings.size);
  switch (settings.face) {
    case "streams": {
      const writer = push.writable.getWriter();
      for (;;) {
        await writer.ready;
        writer.write(message);
      }
    }
    case "calls":
      for (;;) await push.send(message);
    case "batches":
      for (;;) {
        for (let i = 1; i < batchSize; i++) push.send(message);
        await push.send(message);
      }
  }
}

/** Binds a PULL. */
export const pull: Role = async (settings) => {
  const socket = new Pull();
  await socket.bind(settings.address);
  say({ ready: 1 });
  await receiveForever(socket, settings);
};

/** Connects `count` PUSH sockets; each sends. */
export const pushes: Role = async (settings) => {
  await Promise.all(Array.from({ length: settings.count }, () => {
    const socket = new Push({ reconnectMin: 10 });
    socket.connect(settings.address);
    return sendForever(socket, settings);
  }));
};

/** Both, in this process. */
export const inproc: Role = async (settings) => {
  const inside = { ...settings, address: "inproc://bench", count: 1 };
  await Promise.all([pull(inside), pushes(inside)]);
};
