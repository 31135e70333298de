/**
 * This library on ZeroMQ's wire in the roles of the part `zmtp`, by its public API only; run by Deno, by Bun and by Node.
 *
 * @module
 */
import {
  curveKeys,
  Meter,
  nextWindow,
  type Role,
  runWorker,
  say,
  type Settings,
  Stopwatch,
} from "../lib/worker.ts";
import { Pub, Pull, Push, Rep, Req, Sub, type ZmtpOptions } from "../../zmtp/mod.ts";

/** Messages that the batches face sends before it waits. */
const batchSize = 256;

/** What `security=curve` asks of a socket. */
function curve({ security }: Settings, end: "server" | "client"): Pick<ZmtpOptions, "curve"> {
  if (security !== "curve") return {};
  const { publicKey, secretKey } = curveKeys;
  return { curve: end === "server" ? { server: true, secretKey } : { serverKey: publicKey } };
}

/** Takes messages of one frame through the face that is asked for, and counts them. */
async function receiveForever(socket: Pull | Sub, settings: Settings): Promise<void> {
  const meter = new Meter(settings);
  switch (settings.face) {
    case "streams": {
      const reader = socket.readable.getReader();
      for (;;) {
        const { value } = await reader.read();
        if (meter.add(value![0]!.length)) await nextWindow();
      }
    }
    case "calls":
      for (;;) {
        const [frame] = await socket.receive();
        if (meter.add(frame!.length)) await nextWindow();
      }
    case "batches":
      for (;;) {
        for (const [frame] of await socket.receiveBatch()) {
          if (meter.add(frame!.length)) await nextWindow();
        }
      }
  }
}

/** Sends through the face that is asked for, until the bench ends this process. */
async function sendForever(socket: Push | Pub, settings: Settings): Promise<void> {
  const message = new Uint8Array(settings.size);
  switch (settings.face) {
    case "streams": {
      const writer = socket.writable.getWriter();
      for (;;) {
        await writer.ready;
        writer.write(message);
      }
    }
    case "calls":
      for (;;) await socket.send(message);
    case "batches":
      for (;;) {
        for (let i = 1; i < batchSize; i++) socket.send(message);
        await socket.send(message);
      }
  }
}

/** Binds a PULL. */
const pull: Role = async (settings) => {
  const socket = new Pull(curve(settings, "server"));
  await socket.bind(settings.address);
  say({ ready: 1 });
  await receiveForever(socket, settings);
};

/** Connects a PUSH that sends. */
const push: Role = async (settings) => {
  const socket = new Push(curve(settings, "client"));
  socket.connect(settings.address);
  await sendForever(socket, settings);
};

/** Binds a PUB that waits where it would drop, as the others' do. */
const pub: Role = async (settings) => {
  const socket = new Pub({ overflow: "block", ...curve(settings, "server") });
  await socket.bind(settings.address);
  say({ ready: 1 });
  await socket.subscribed("");
  await sendForever(socket, settings);
};

/** Connects a SUB that counts. */
const sub: Role = async (settings) => {
  const socket = new Sub({ subscribe: "", ...curve(settings, "client") });
  socket.connect(settings.address);
  await receiveForever(socket, settings);
};

/** Binds a REP that answers with the request. */
const rep: Role = async (settings) => {
  const socket = new Rep(curve(settings, "server"));
  await socket.bind(settings.address);
  say({ ready: 1 });
  await socket.serve((request) => request);
};

/** Connects a REQ; one request at a time. */
const req: Role = async (settings) => {
  const socket = new Req(curve(settings, "client"));
  socket.connect(settings.address);
  const message = new Uint8Array(settings.size);
  const stopwatch = new Stopwatch(settings, 1);
  for (;;) {
    const before = performance.now();
    await socket.request(message);
    stopwatch.add(before);
  }
};

runWorker({ pull, push, pub, sub, rep, req });
