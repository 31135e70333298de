/**
 * zeromq.js (npm `zeromq`: libzmq as a native addon, run by Node) in the roles that ZeroMQ has. Its wire is another one
 * (ZMTP), so it talks to itself only. Its PUSH, PULL, REQ and REP are the patterns of the same names; many requests in flight
 * take DEALER and ROUTER.
 *
 * @module
 */
import {
  Dealer,
  type Message,
  type MessageLike,
  Pair,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  type Writable,
} from "zeromq";
import {
  cue,
  currentMemory,
  curveKeys,
  finish,
  heapMemory,
  Meter,
  peakMemory,
  type Role,
  runWorker,
  say,
  type Settings,
  sleep,
  Stopwatch,
  topic,
  topicNumber,
  topicsSent,
  untilTheEnd,
  writeTopic,
} from "../lib/worker.ts";

/** What `security=curve` asks of a socket. */
interface CurveOptions {
  readonly curveServer?: boolean;
  readonly curveServerKey?: string;
  readonly curvePublicKey?: string;
  readonly curveSecretKey?: string;
}

function curve({ security }: Settings, end: "server" | "client"): CurveOptions {
  if (security !== "curve") return {};
  const { publicKey, secretKey } = curveKeys;
  return {
    ...(end === "server" ? { curveServer: true } : { curveServerKey: publicKey }),
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
  };
}

async function countMessages(
  socket: Pull | Subscriber,
  meter: Meter,
): Promise<void> {
  for await (const [message] of socket) {
    meter.add(message!.length);
  }
}

async function sendForever(socket: Push | Publisher, size: number): Promise<void> {
  const message = new Uint8Array(size);
  for (;;) await socket.send(message);
}

async function pull(settings: Settings): Promise<void> {
  const socket = new Pull(curve(settings, "server"));
  await socket.bind(settings.address);
  say({ ready: 1 });
  await countMessages(socket, new Meter(settings));
}

async function pushes(settings: Settings): Promise<void> {
  await Promise.all(Array.from({ length: settings.count }, () => {
    const socket = new Push(curve(settings, "client"));
    socket.connect(settings.address);
    return sendForever(socket, settings.size);
  }));
}

async function inproc(settings: Settings): Promise<void> {
  const inside = { ...settings, address: "inproc://bench", count: 1 };
  await Promise.all([pull(inside), pushes(inside)]);
}

/** Resolves once so many peers are attached. */
function peers(socket: Publisher | Pull | Push, count: number): Promise<void> {
  let attached = 0;
  return new Promise((resolve) => {
    socket.events.on("handshake", () => {
      if (++attached === count) resolve();
    });
  });
}

async function pub(settings: Settings): Promise<void> {
  // With the default of 1,000 it drops two of three.
  const socket = new Publisher({ sendHighWaterMark: 10_000, ...curve(settings, "server") });
  const attached = peers(socket, settings.count);
  await socket.bind(settings.address);
  say({ ready: 1 });
  await attached;
  await sleep(100); // the subscriptions travel after the handshake
  await sendForever(socket, settings.size);
}

async function sub(settings: Settings): Promise<void> {
  const meter = new Meter(settings);
  await Promise.all(Array.from({ length: settings.count }, () => {
    const socket = new Subscriber(curve(settings, "client"));
    socket.subscribe();
    socket.connect(settings.address);
    return countMessages(socket, meter);
  }));
}

/** Here the publisher filters. Each message matches one prefix. */
async function prefixes(settings: Settings): Promise<void> {
  const publisher = new Publisher();
  const subscriber = new Subscriber();
  await publisher.bind("inproc://bench");
  for (let i = 0; i < settings.count; i++) subscriber.subscribe(topic(i));
  subscriber.connect("inproc://bench");
  say({ ready: 1 });
  const messages = Array.from({ length: topicsSent }, (_, i) => {
    const message = new Uint8Array(settings.size);
    writeTopic(message, topicNumber(i, settings.count));
    return message;
  });
  await Promise.all([
    countMessages(subscriber, new Meter(settings)),
    sendInTurn(publisher, messages),
  ]);
}

async function sendInTurn(socket: Publisher, messages: readonly Uint8Array[]): Promise<void> {
  for (;;) {
    for (const message of messages) await socket.send(message);
  }
}

async function echo(settings: Settings): Promise<void> {
  const socket = new Pair();
  await socket.bind(settings.address);
  say({ ready: 1 });
  for await (const message of socket) await socket.send(message);
}

async function ping(settings: Settings): Promise<void> {
  const socket = new Pair();
  socket.connect(settings.address);
  await askInTurn(socket, new Stopwatch(settings, 0.5), settings.size);
}

async function rep(settings: Settings): Promise<void> {
  const socket: Reply | Router = settings.count === 1
    ? new Reply(curve(settings, "server"))
    : new Router(curve(settings, "server"));
  const send = (parts: Message[]): Promise<void> => (socket as Writable<MessageLike[]>).send(parts);
  await socket.bind(settings.address);
  say({ ready: 1 });
  for await (const parts of socket) await send(parts);
}

async function req(settings: Settings): Promise<void> {
  const stopwatch = new Stopwatch(settings, 1);
  if (settings.count === 1) {
    const socket = new Request(curve(settings, "client"));
    socket.connect(settings.address);
    return askInTurn(socket, stopwatch, settings.size);
  }
  const socket = new Dealer(curve(settings, "client"));
  socket.connect(settings.address);
  const message = new Uint8Array(settings.size);
  const sentAt: number[] = [];
  for (let i = 0; i < settings.count; i++) {
    sentAt.push(performance.now());
    await socket.send(message);
  }
  let oldest = 0; // replies come in order
  for await (const _reply of socket) {
    stopwatch.add(sentAt[oldest]!);
    sentAt[oldest] = performance.now();
    oldest = (oldest + 1) % settings.count;
    await socket.send(message);
  }
}

async function askInTurn(
  socket: Pair | Request,
  stopwatch: Stopwatch,
  size: number,
): Promise<void> {
  const message = new Uint8Array(size);
  for (;;) {
    const before = performance.now();
    await socket.send(message);
    await socket.receive();
    stopwatch.add(before);
  }
}

async function idleListener(settings: Settings): Promise<void> {
  const socket = new Pull();
  const first = peers(socket, 1);
  const all = peers(socket, settings.count);
  await socket.bind(settings.address);
  const heap = heapMemory();
  const rss = currentMemory();
  say({ ready: 1 });
  await first;
  const started = performance.now();
  await all;
  const seconds = (performance.now() - started) / 1e3;
  say({ count: settings.count, seconds, rss: currentMemory() - rss, heap: heapMemory() - heap });
  await untilTheEnd();
}

async function idleDialer(settings: Settings): Promise<void> {
  let started = performance.now();
  const socket = new Push();
  const all = peers(socket, settings.count);
  for (let i = 0; i < settings.count; i++) socket.connect(settings.address);
  await all;
  const connect = (performance.now() - started) / 1e3;
  say({ ready: 1 });
  await cue();
  started = performance.now();
  socket.close();
  finish({ connect, close: (performance.now() - started) / 1e3 });
}

async function stall(settings: Settings): Promise<void> {
  const socket = settings.pattern === "pubsub" ? new Subscriber() : new Pull();
  if (socket instanceof Subscriber) socket.subscribe();
  await socket.bind(settings.address);
  const before = currentMemory();
  say({ ready: 1 });
  await cue();
  finish({ grown: peakMemory() - before });
}

async function flood(settings: Settings): Promise<void> {
  const socket = settings.pattern === "pubsub" ? new Publisher() : new Push();
  const attached = peers(socket, 1);
  socket.connect(settings.address);
  await attached;
  await sleep(100);
  const before = currentMemory();
  const message = new Uint8Array(settings.size).fill(1);
  let count = 0;
  const end = performance.now() + settings.duration;
  socket.sendTimeout = 50;
  while (performance.now() < end) {
    await socket.send(message).then(() => count++, () => {});
  }
  say({ count, grown: peakMemory() - before });
  await untilTheEnd();
}

const roles: Record<string, Role> = {
  pull,
  push: pushes,
  pushes,
  inproc,
  pub,
  sub,
  prefixes,
  echo,
  ping,
  rep,
  req,
  "idle-listener": idleListener,
  "idle-dialer": idleDialer,
  stall,
  flood,
};
runWorker(roles);
