import { type Listener, Pub, type Socket, Sub } from "../../mod.ts";
import { ConfigError, type GroupSetting } from "../config/setting.ts";
import type { Settings } from "../config/settings.ts";
import type { Codec } from "../formats/format.ts";
import type { Sample } from "../model/sample.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

/** What a VILLASnode has room for; more makes it lose data, or crash. */
const MOST_BYTES = 1500;
/** How long the first sample waits for the node's own subscriptions, in milliseconds. */
const OWN_PEERS_WAIT = 2000;

/** The endpoints of a direction. VILLASnode's errors still call them by older names. */
function endpoints(settings: Settings, oldName: "publish" | "subscribe"): string[] {
  const setting = settings.get("endpoints");
  try {
    return settings.strings("endpoints") ?? [];
  } catch (cause) {
    if (!(cause instanceof ConfigError) || setting === undefined) throw cause;
    const wanted = "expected a string, or a list of strings";
    throw new ConfigError(setting.at, `Invalid type for '${oldName}' setting: ${wanted}`, {
      cause,
    });
  }
}

/** Whether connecting to one address reaches what is bound to the other. */
function reaches(connected: string, bound: string): boolean {
  if (connected === bound) return true;
  const parts = /^(\w+:\/\/)([^/]*):(\d+)(\/.*)?$/;
  const [from, to] = [parts.exec(connected), parts.exec(bound)];
  if (from === null || to === null || from[1] !== to[1] || from[3] !== to[3]) return false;
  return from[2] === to[2] || to[2] === "*" || to[2] === "0.0.0.0";
}

class NanomsgNode implements Node {
  readonly details: string;
  readonly #context: NodeContext;
  readonly #in: readonly string[];
  readonly #out: readonly string[];
  readonly #mostBytes: number;
  readonly #peers: number;
  readonly #vectorize: number;
  readonly #stopped = new AbortController();
  #pub: Pub | undefined;
  #sub: Sub | undefined;
  #codec: Codec | undefined;
  #ready: Promise<void> | undefined;

  constructor(context: NodeContext) {
    this.#context = context;
    this.#in = endpoints(context.in, "subscribe");
    this.#out = endpoints(context.out, "publish");
    this.#mostBytes = context.out.integer("max_message_size", 1) ?? MOST_BYTES;
    this.#peers = context.out.integer("peers", 0) ?? 0;
    this.#vectorize = context.out.integer("vectorize", 1) ?? 1;
    this.details = `in.endpoints=[ ${this.#in.join(", ")} ], out.endpoints=[ ${
      this.#out.join(", ")
    } ]`;
  }

  async start(): Promise<void> {
    // VILLASnode never writes the offset in messages.
    this.#codec = await this.#context.format("json", "message", { offset: false });
    this.#pub = new Pub();
    this.#sub = new Sub({ subscribe: "" });
    void this.#follow(this.#pub);
    void this.#follow(this.#sub);
    // First all binds, so that inproc is there to connect to.
    const bound: Listener[] = [];
    for (const address of this.#out) {
      bound.push(await this.#attach(address, () => this.#pub!.bind(address)));
    }
    for (const address of this.#in) {
      // Whoever is not there yet is tried again and again.
      await this.#attach(address, () => this.#sub!.connect(address));
    }
    const own = this.#in.filter((address) => this.#out.some((one) => reaches(address, one)));
    this.#ready = this.#waitForPeers(own.length);
    this.#context.log.debug(`Bound to ${bound.map(({ address }) => address).join(", ") || "none"}`);
  }

  async #attach<T>(address: string, act: () => T | Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const text = `Failed to connect nanomsg socket to endpoint ${address}: ${reason}`;
      throw new Error(text, { cause });
    }
  }

  /** A publisher drops what nobody listens to: the first sample waits for those who are sure to come. */
  async #waitForPeers(own: number): Promise<void> {
    const { signal } = this.#stopped;
    const pub = this.#pub!;
    try {
      if (this.#peers > 0) await pub.peers(this.#peers, { signal });
      const soon = AbortSignal.any([signal, AbortSignal.timeout(OWN_PEERS_WAIT)]);
      if (own > 0) await pub.peers(own, { signal: soon });
    } catch {
      // The node was stopped, or its own subscriptions do not come: then as VILLASnode does it.
    } finally {
      this.#ready = undefined;
    }
  }

  /** Tells what happens on a socket, and counts what a slow subscriber loses. */
  async #follow(socket: Socket): Promise<void> {
    const { log } = this.#context;
    const reader = socket.events().getReader();
    for (;;) {
      const { value: event, done } = await reader.read();
      if (done) return;
      switch (event.type) {
        case "attached":
        case "detached":
          log.debug(`Peer ${event.peer.remoteAddress} ${event.type}`);
          break;
        case "connect-failed":
          log.debug(event.reason.message);
          break;
        case "rejected":
          log.often("rejected", `Peer ${event.remoteAddress} rejected: ${event.reason.message}`);
          break;
        case "dropped":
          if (event.reason !== "overflow") break;
          this.#context.dropped(
            event.count * this.#vectorize,
            `the subscriber ${event.peer?.remoteAddress ?? ""} is too slow`,
          );
      }
    }
  }

  async *read(): AsyncGenerator<readonly Sample[]> {
    for await (const message of this.#sub!) {
      const samples = this.#codec!.decode(message);
      if (samples.length > 0) yield samples;
    }
  }

  async write(samples: readonly Sample[]): Promise<void> {
    if (this.#ready !== undefined) await this.#ready;
    if (this.#stopped.signal.aborted) return this.#context.dropped(samples.length, "stopped");
    const message = this.#codec!.encode(samples);
    if (message.length <= this.#mostBytes) return await this.#pub!.send(message);
    if (samples.length === 1) {
      const room = `expected at most ${this.#mostBytes}, as a VILLASnode has no more room`;
      return this.#context.dropped(1, `the message has ${message.length} bytes: ${room}`);
    }
    this.#context.log.often(
      "split",
      `A message of ${samples.length} samples has ${message.length} bytes: sent as two. Set out.vectorize lower`,
    );
    const half = Math.ceil(samples.length / 2);
    await this.write(samples.slice(0, half));
    await this.write(samples.slice(half));
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([this.#pub?.close(), this.#sub?.close()]);
  }
}

/** The settings with the one address in and the one address out swapped. */
function reverse(settings: Settings): GroupSetting {
  const [input, output] = [settings.settings("in"), settings.settings("out")];
  const lengths = [input, output].map((one) => one?.strings("endpoints")?.length ?? 0);
  if (lengths.some((length) => length !== 1)) {
    const got = `got ${lengths[0]} in and ${lengths[1]} out`;
    throw settings.error("in", `Cannot reverse this node: expected one endpoint each, ${got}`);
  }
  const swap = (own: Settings, other: Settings): GroupSetting => ({
    ...own.group,
    entries: new Map([...own.group.entries, ["endpoints", other.get("endpoints")!]]),
  });
  const entries = new Map(settings.group.entries);
  entries.set("in", swap(input!, output!)).set("out", swap(output!, input!));
  return { ...settings.group, entries };
}

/** `nanomsg`: a PUB socket, bound to `out.endpoints`, and a SUB socket, connected to `in.endpoints`. */
export const nanomsg: NodeType = {
  name: "nanomsg",
  reverse,
  create: (context): Node => new NanomsgNode(context),
};
