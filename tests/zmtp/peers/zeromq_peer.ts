/**
 * A process that has zeromq.js sockets and does with them what lines of JSON on standard input say. Node runs it, whatever runs the
 * test: zeromq.js is a native addon. `zeromq.ts` is the other end, and has the types of what is said.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import * as zmq from "zeromq";

/** How long a send or a receive may take, in milliseconds; a test waits as long. */
const PATIENCE = 20_000;

type Values = Record<string, unknown>;

/** Every socket type is driven alike: it throws at what it cannot do, and the test sees that. */
interface AnySocket {
  readonly events: zmq.Observer;
  readonly lastEndpoint: string | null;
  bind(address: string): Promise<void>;
  unbind(address: string): Promise<void>;
  connect(address: string, options?: object): void;
  disconnect(address: string): void;
  send(frames: Buffer[]): Promise<void>;
  receive(): Promise<Buffer[]>;
  subscribe(...prefixes: Buffer[]): void;
  unsubscribe(...prefixes: Buffer[]): void;
  close(): void;
}

/** One after another in each direction: zeromq.js takes one send and one receive at a time. */
interface Entry {
  readonly socket: AnySocket;
  sending: Promise<unknown>;
  receiving: Promise<unknown>;
}

/** What a ZAP handler answers: by user name, by key, or to all. */
interface ZapRule {
  readonly user?: string;
  readonly password?: string;
  readonly status: string;
  readonly userId?: string;
}

const TYPES = zmq as unknown as Record<string, new (options: object) => AnySocket>;
const sockets = new Map<number, Entry>();
const proxies = new Map<number, zmq.Proxy>();
let lastSocket = 0;

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** Bytes are `{ base64 }` in JSON. */
function decode(value: unknown): unknown {
  const { base64 } = Object(value) as { base64?: string };
  return base64 === undefined ? value : Buffer.from(base64, "base64");
}

function toBuffers(frames: unknown): Buffer[] {
  return (frames as string[]).map((frame) => Buffer.from(frame, "base64"));
}

function fromBuffers(frames: Buffer[]): string[] {
  return frames.map((frame) => frame.toString("base64"));
}

function entry(values: Values): Entry {
  const found = sockets.get(values["socket"] as number);
  if (found === undefined) throw new Error(`There is no socket ${values["socket"]}`);
  return found;
}

function open(type: string, options: Values): number {
  const decoded = Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name, decode(value)]),
  );
  const defaults: Values = { linger: 0 };
  if (type !== "Subscriber" && type !== "Pull") defaults["sendTimeout"] = PATIENCE;
  if (type !== "Publisher" && type !== "Push") defaults["receiveTimeout"] = PATIENCE;
  const socket = new TYPES[type]!({ ...defaults, ...decoded });
  const done = Promise.resolve();
  sockets.set(++lastSocket, { socket, sending: done, receiving: done });
  return lastSocket;
}

/** libzmq gives a port back a moment after the socket is closed. */
async function bind(socket: AnySocket, address: string): Promise<void> {
  for (const end = performance.now() + 5000;;) {
    try {
      return await socket.bind(address);
    } catch (error) {
      const isTaken = (error as { code?: string }).code === "EADDRINUSE";
      if (!isTaken || performance.now() > end) throw error;
      await sleep(20);
    }
  }
}

async function sendAll({ socket }: Entry, messages: unknown[]): Promise<void> {
  for (const frames of messages) await socket.send(toBuffers(frames));
}

async function receive({ socket }: Entry, count: number): Promise<string[][]> {
  const messages: string[][] = [];
  const end = performance.now() + PATIENCE;
  while (messages.length < count) {
    try {
      messages.push(fromBuffers(await socket.receive()));
    } catch (error) {
      // It says so at once where something has come that libzmq then drops: a late reply at a REQ that correlates.
      const { code } = error as { code?: string };
      if (code !== "EAGAIN" || performance.now() > end) throw error;
    }
  }
  return messages;
}

/** Sends back what comes, until the socket is closed. */
async function echo({ socket }: Entry): Promise<void> {
  for (;;) await socket.send(await socket.receive());
}

/** Passes messages on both ways, until one of the sockets is closed: what a broker does. */
async function pass(from: AnySocket, to: AnySocket): Promise<void> {
  for (;;) await to.send(await from.receive());
}

/** Decides about peers, and tells what it was asked. */
async function zap(rules: readonly ZapRule[]): Promise<void> {
  const handler = new zmq.Reply({ linger: 0 });
  await handler.bind("inproc://zeromq.zap.01");
  void (async () => {
    for await (const [version, id, domain, address, , mechanism, ...credentials] of handler) {
      const [user, password] = credentials.map(String);
      const rule = rules.find((one) =>
        (one.user === undefined || one.user === user) &&
        (one.password === undefined || one.password === password)
      );
      say({
        zap: [domain, address, mechanism].map(String),
        credentials: fromBuffers(credentials),
      });
      await handler.send([
        version!,
        id!,
        rule?.status ?? "400",
        "",
        rule?.userId ?? "",
        Buffer.alloc(0),
      ]);
    }
  })().catch(() => {});
}

async function watch(number: number, { socket }: Entry): Promise<void> {
  for await (const event of socket.events) {
    const { type, address, error, interval } = event as unknown as Values;
    const { code, message, status } = Object(error) as Values;
    say({ socket: number, event: { type, address, code, message, status, interval } });
  }
}

const commands: Record<string, (values: Values) => unknown> = {
  open: ({ type, options }) => open(type as string, options as Values),
  bind: async (values) => {
    const { socket } = entry(values);
    await bind(socket, values["address"] as string);
    return socket.lastEndpoint;
  },
  unbind: (values) => entry(values).socket.unbind(values["address"] as string),
  connect: (values) =>
    entry(values).socket.connect(
      values["address"] as string,
      ...(values["options"] === undefined ? [] : [values["options"] as object]),
    ),
  disconnect: (values) => entry(values).socket.disconnect(values["address"] as string),
  send: (values) => {
    const target = entry(values);
    const sent = target.sending.then(() => sendAll(target, values["messages"] as unknown[]));
    target.sending = sent.catch(() => {});
    return sent;
  },
  receive: (values) => {
    const target = entry(values);
    const received = target.receiving.then(() => receive(target, values["count"] as number));
    target.receiving = received.catch(() => {});
    return received;
  },
  subscribe: (values) => entry(values).socket.subscribe(...toBuffers(values["prefixes"])),
  unsubscribe: (values) => entry(values).socket.unsubscribe(...toBuffers(values["prefixes"])),
  watch: (values) => void watch(values["socket"] as number, entry(values)).catch(() => {}),
  echo: (values) => void echo(entry(values)).catch(() => {}),
  broker: (values) => {
    const [front, back] = [entry({ socket: values["front"] }), entry({ socket: values["back"] })];
    void pass(front.socket, back.socket).catch(() => {});
    void pass(back.socket, front.socket).catch(() => {});
  },
  proxy: (values) => {
    const [front, back] = [entry({ socket: values["front"] }), entry({ socket: values["back"] })];
    const proxy = new zmq.Proxy(
      front.socket as unknown as zmq.Router,
      back.socket as unknown as zmq.Dealer,
    );
    proxies.set(values["front"] as number, proxy);
    void proxy.run().catch(() => {});
  },
  zap: (values) => zap(values["rules"] as ZapRule[]),
  keys: () => zmq.curveKeyPair(),
  close: (values) => {
    const number = values["socket"] as number;
    const proxy = proxies.get(number);
    proxies.delete(number);
    if (proxy !== undefined) return proxy.terminate();
    sockets.get(number)?.socket.close();
    sockets.delete(number);
  },
};

async function answer(line: string): Promise<void> {
  const { id, command, ...values } = JSON.parse(line) as Values;
  try {
    const result = await commands[command as string]!(values);
    say({ id, result: result ?? null });
  } catch (error) {
    const { code, message = String(error) } = Object(error) as Values;
    say({ id, error: { code, message } });
  }
}

// zeromq.js warns of options that are set too late and the like: that is for people.
zmq.context.blocky = false;
const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => void answer(line));
// Whoever started it is gone. Nothing that a socket still wants may keep it.
lines.on("close", () => process.exit(0));
say({ ready: true });
