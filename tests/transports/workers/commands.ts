/** A worker that does what it is told, one command after the other, and says what came of it. */

import process from "node:process";
import { parentPort, Worker } from "node:worker_threads";
import {
  attachInproc,
  type InprocAttachment,
  Pub,
  Pull,
  Push,
  Rep,
  Req,
  type Socket,
  type SocketEvent,
  SPError,
  Sub,
  transfer,
} from "../../../mod.ts";

const TYPES: Readonly<Record<Type, new (options?: object) => Socket>> = {
  pub: Pub,
  pull: Pull,
  push: Push,
  rep: Rep,
  req: Req,
  sub: Sub,
};

/** What its socket can be. */
export type Type = "pub" | "pull" | "push" | "rep" | "req" | "sub";

/** What it can be told. */
export type Command =
  /** Opens its socket. */
  | { do: "open"; type: Type; options?: object }
  /** Binds or connects it. */
  | { do: "bind" | "connect"; address: string }
  /** Waits for so many peers. */
  | { do: "peers"; count: number }
  /** Sends messages of so many bytes, each with its number in its first byte. */
  | { do: "send"; count: number; size: number; transfer?: boolean }
  /** Takes so many messages, answers with their lengths and first bytes. */
  | { do: "receive"; count: number }
  /** Asks one question. */
  | { do: "ask"; text: string }
  /** Answers each question with itself, in capitals; after the question "close" it closes its socket. */
  | { do: "serve" }
  /** Waits for an event. */
  | { do: "event"; type: string }
  /** Closes its socket. */
  | { do: "close" }
  /** Says which messages its own listeners got. */
  | { do: "heard" }
  /** Is attached to the thread that made it no longer, or once more. */
  | { do: "detach" | "attach" }
  /** Has a worker of its own, which is attached, do something; see `nested.ts`. */
  | { do: "nest"; address: string }
  /** Ends the thread at once. */
  | { do: "exit" };

/** What came of it. */
export type Reply = { readonly ok: unknown } | { readonly error: string };

let attachment: InprocAttachment = attachInproc();
let socket: Socket | undefined;
let events: ReadableStreamDefaultReader<SocketEvent> | undefined;
const heard: unknown[] = [];

function is<S extends Socket>(type: new () => S): S {
  if (socket instanceof type) return socket;
  throw new Error(`This is no ${type.name}`);
}

async function run(command: Command): Promise<unknown> {
  switch (command.do) {
    case "open":
      socket = new TYPES[command.type](command.options);
      events = socket.events().getReader();
      return;
    case "bind":
      return (await socket!.bind(command.address)).address;
    case "connect":
      socket!.connect(command.address);
      return;
    case "peers":
      return await socket!.peers(command.count);
    case "send":
      for (let i = 0; i < command.count; i++) {
        const message = new Uint8Array(command.size).fill(i & 0xff);
        await (socket as Push | Pub).send(command.transfer ? transfer(message) : message);
      }
      return;
    case "receive": {
      const got: [number, number][] = [];
      for (let i = 0; i < command.count; i++) {
        const message = await (socket as Pull | Sub).receive();
        got.push([message.length, message[0]!]);
      }
      return got;
    }
    case "ask":
      return new TextDecoder().decode(await is(Req).request(command.text));
    case "serve":
      is(Rep).serve((question) => {
        const text = new TextDecoder().decode(question);
        if (text === "close") queueMicrotask(() => socket!.close());
        return text.toUpperCase();
      });
      return;
    case "event":
      for (;;) {
        const { value } = await events!.read();
        if (value?.type !== command.type) continue;
        return "reason" in value && value.reason instanceof SPError ? value.reason.code : "";
      }
    case "close":
      return await socket?.close();
    case "heard":
      return heard;
    case "detach":
      return attachment.close();
    case "attach":
      // That the other thread has taken them apart may be known of a connection first.
      await attachment.closed;
      attachment = attachInproc();
      return;
    case "nest": {
      const worker = new Worker(new URL("./nested.ts", import.meta.url));
      attachInproc(worker);
      worker.postMessage(command.address);
      return await new Promise((resolve) => worker.once("message", resolve));
    }
    case "exit":
      return parentPort === null ? self.close() : process.exit();
  }
}

function reply(message: Reply): void {
  if (parentPort === null) self.postMessage(message);
  else parentPort.postMessage(message);
}

let last: Promise<void> = Promise.resolve();

function hear({ data }: { readonly data: Command | "end" }): void {
  heard.push(typeof data === "object" ? Object.keys(data) : data);
  if (data === "end") return end();
  // Who is attached once more, behind this listener, is told so by a message that it sees.
  if (!("do" in data)) return;
  last = last.then(async () => {
    try {
      reply({ ok: await run(data) });
    } catch (error) {
      reply({ error: error instanceof SPError ? error.code : String(error) });
    }
  });
}

/** Hears nothing any more: nothing but its sockets can keep it alive. */
function end(): void {
  parentPort?.removeEventListener("message", hear as never);
}

if (parentPort === null) self.addEventListener("message", hear as never);
else parentPort.addEventListener("message", hear as never);
