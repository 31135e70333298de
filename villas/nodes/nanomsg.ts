import { type Listener, Pub, Sub } from "../../mod.ts";
import type { Codec } from "../formats/format.ts";
import type { Sample } from "../model/sample.ts";
import { countReached, endpoints, open, reverseEndpoints } from "./lib/endpoints.ts";
import { follow } from "./lib/follow.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

/** What a VILLASnode has room for; more makes it lose data, or crash. */
const MOST_BYTES = 1500;
/** How long the first sample waits for the node's own subscriptions, in milliseconds. */
const OWN_PEERS_WAIT = 2000;

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
    // VILLASnode's errors still call the endpoints by older names.
    this.#in = endpoints(context.in, "endpoints", "Invalid type for 'subscribe' setting");
    this.#out = endpoints(context.out, "endpoints", "Invalid type for 'publish' setting");
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
    for (const socket of [this.#pub, this.#sub]) {
      void follow(socket, this.#context, this.#vectorize);
    }
    // First all binds, so that inproc is there to connect to.
    const bound: Listener[] = [];
    for (const address of this.#out) {
      bound.push(await open("nanomsg", address, () => this.#pub!.bind(address)));
    }
    for (const address of this.#in) {
      // Whoever is not there yet is tried again and again.
      await open("nanomsg", address, () => this.#sub!.connect(address));
    }
    this.#ready = this.#waitForPeers(countReached(this.#in, this.#out));
    this.#context.log.debug(`Bound to ${bound.map(({ address }) => address).join(", ") || "none"}`);
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

/** `nanomsg`: a PUB socket, bound to `out.endpoints`, and a SUB socket, connected to `in.endpoints`. */
export const nanomsg: NodeType = {
  name: "nanomsg",
  reverse: (settings) => reverseEndpoints(settings, "endpoints", "endpoints"),
  create: (context): Node => new NanomsgNode(context),
};
