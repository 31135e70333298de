/**
 * The bench's roles on a runtime's bare socket: the limit for any library on that runtime. `bare_node.ts`, `bare_deno.ts`
 * and `bare_bun.ts` bring the socket.
 *
 * @module
 */
import {
  cue,
  currentMemory,
  finish,
  heapMemory,
  Meter,
  type Role,
  say,
  type Settings,
  Stopwatch,
  untilTheEnd,
} from "../lib/worker.ts";
import { FrameParser, SlabPacker } from "./bare_frames.ts";

/** One connection of a runtime. */
export interface BareConnection {
  /** Called with each chunk of bytes that arrives. */
  onData: (chunk: Uint8Array) => void;
  /** Writes; what it returns is to be awaited before the next write. The bytes may be used again seven writes later. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Closes. */
  close(): void;
}

/** What a runtime brings. */
export interface BareRuntime {
  /** Listens, and hands over each connection that comes. */
  listen(endpoint: Endpoint, onConnection: (connection: BareConnection) => void): Promise<void>;
  /** Connects. */
  connect(endpoint: Endpoint): Promise<BareConnection>;
}

/** Where: a path, or a host and a port. */
export type Endpoint =
  | { readonly path: string }
  | { readonly hostname: string; readonly port: number };

function endpointOf(address: string): Endpoint {
  if (address.startsWith("ipc://")) return { path: address.slice(6) };
  const { hostname, port } = new URL(address);
  return { hostname, port: Number(port) };
}

/** The roles, on this runtime's socket. */
export function bareRoles(runtime: BareRuntime): Record<string, Role> {
  async function listen(
    settings: Settings,
    onConnection: (connection: BareConnection) => void,
  ): Promise<void> {
    await runtime.listen(endpointOf(settings.address), onConnection);
    say({ ready: 1 });
  }

  function connect(settings: Settings): Promise<BareConnection> {
    return runtime.connect(endpointOf(settings.address));
  }

  function connectAll(settings: Settings): Promise<BareConnection[]> {
    return Promise.all(Array.from({ length: settings.count }, () => connect(settings)));
  }

  /** Has the messages of a connection counted. */
  function countMessages(connection: BareConnection, meter: Meter): void {
    const parser = new FrameParser((message) => {
      meter.add(message.length);
    });
    connection.onData = (chunk) => parser.push(chunk);
  }

  async function pull(settings: Settings): Promise<void> {
    const meter = new Meter(settings);
    await listen(settings, (connection) => countMessages(connection, meter));
  }

  async function sendForever(connections: readonly BareConnection[], size: number): Promise<void> {
    const packer = new SlabPacker();
    const body = new Uint8Array(size);
    for (;;) {
      for (const bytes of packer.fill(body)) {
        for (const waiting of connections.map((connection) => connection.write(bytes))) {
          if (waiting !== undefined) await waiting;
        }
      }
    }
  }

  async function pushes(settings: Settings): Promise<void> {
    const connections = await connectAll(settings);
    await Promise.all(connections.map((connection) => sendForever([connection], settings.size)));
  }

  async function pub(settings: Settings): Promise<void> {
    const connections: BareConnection[] = [];
    await new Promise<void>((resolve, reject) => {
      listen(settings, (connection) => {
        if (connections.push(connection) === settings.count) resolve();
      }).catch(reject);
    });
    await sendForever(connections, settings.size);
  }

  async function sub(settings: Settings): Promise<void> {
    const meter = new Meter(settings);
    for (const connection of await connectAll(settings)) countMessages(connection, meter);
  }

  /** Sends back each message; those of one chunk in one write. */
  async function answer(settings: Settings): Promise<void> {
    await listen(settings, (connection) => {
      const packer = new SlabPacker();
      let replies: Uint8Array[] = [];
      const parser = new FrameParser((message) => replies.push(message));
      connection.onData = (chunk) => {
        parser.push(chunk);
        if (replies.length > 0) writeAll(connection, packer.pack(replies));
        replies = [];
      };
    });
  }

  /** Keeps `count` messages under way, which `answer` sends back. */
  async function ask(settings: Settings, share: number): Promise<void> {
    const connection = await connect(settings);
    const packer = new SlabPacker();
    const body = new Uint8Array(settings.size);
    const stopwatch = new Stopwatch(settings, share);
    const sentAt: number[] = new Array(settings.count).fill(performance.now());
    let oldest = 0; // replies come in order
    let replies = 0;
    const send = (count: number): void =>
      writeAll(connection, packer.pack(new Array(count).fill(body)));
    const parser = new FrameParser(() => {
      stopwatch.add(sentAt[oldest]!);
      sentAt[oldest] = performance.now();
      oldest = (oldest + 1) % settings.count;
      replies++;
    });
    connection.onData = (chunk) => {
      parser.push(chunk);
      if (replies > 0) send(replies);
      replies = 0;
    };
    send(settings.count);
  }

  async function idleListener(settings: Settings): Promise<void> {
    const connections: BareConnection[] = [];
    let started = 0;
    let rss = 0;
    let heap = 0;
    await runtime.listen(endpointOf(settings.address), (connection) => {
      started ||= performance.now();
      if (connections.push(connection) < settings.count) return;
      const seconds = (performance.now() - started) / 1e3;
      say({
        count: connections.length,
        seconds,
        rss: currentMemory() - rss,
        heap: heapMemory() - heap,
      });
    });
    heap = heapMemory();
    rss = currentMemory();
    say({ ready: 1 });
  }

  async function idleDialer(settings: Settings): Promise<void> {
    let started = performance.now();
    const connections = await connectAll(settings);
    const connect = (performance.now() - started) / 1e3;
    say({ ready: 1 });
    await cue();
    started = performance.now();
    for (const connection of connections) connection.close();
    finish({ connect, close: (performance.now() - started) / 1e3 });
  }

  const forever = (role: Role): Role => async (settings) => {
    await role(settings);
    await untilTheEnd();
  };

  return {
    pull: forever(pull),
    push: pushes,
    pushes,
    pub,
    sub: forever(sub),
    echo: forever(answer),
    ping: forever((settings) => ask(settings, 0.5)),
    rep: forever(answer),
    req: forever((settings) => ask(settings, 1)),
    "idle-listener": forever(idleListener),
    "idle-dialer": idleDialer,
  };
}

/** For few bytes: does not wait. */
function writeAll(connection: BareConnection, slabs: readonly Uint8Array[]): void {
  for (const slab of slabs) connection.write(slab)?.catch(() => {});
}
