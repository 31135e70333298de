import { type Frames, Sub, XPub } from "../../zmtp/mod.ts";
import { ConfigError } from "../config/setting.ts";
import type { Settings } from "../config/settings.ts";
import type { Codec } from "../formats/format.ts";
import type { Sample } from "../model/sample.ts";
import { type Keys, openCurve, readKeys } from "./lib/curve.ts";
import { countReached, endpoints, open, reverseEndpoints } from "./lib/endpoints.ts";
import { follow } from "./lib/follow.ts";
import { Subscriptions } from "./lib/subscriptions.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

/** How long the first sample waits for the node's own subscriptions, in milliseconds. */
const OWN_PEERS_WAIT = 2000;

/** What a direction of the node has. */
interface Direction {
  readonly addresses: readonly string[];
  readonly bind: boolean;
  /** What goes before the samples as a frame of its own; undefined for no such frame. */
  readonly filter: string | undefined;
}

function direction(settings: Settings, key: "publish" | "subscribe", bind: boolean): Direction {
  return {
    addresses: endpoints(settings, key, `Failed to parse list of ${key} endpoints`),
    bind: settings.boolean("bind") ?? bind,
    filter: settings.string("filter"),
  };
}

function checkPattern(settings: Settings): void {
  const pattern = settings.string("pattern") ?? "pubsub";
  if (pattern === "pubsub") return;
  if (pattern === "radiodish") {
    const why = "it needs RADIO and DISH, which are a draft of libzmq's and not implemented here";
    const text = `Pattern "radiodish" is not supported: ${why}; expected "pubsub"`;
    throw settings.error("pattern", text);
  }
  const text = `Invalid type for ZeroMQ node: got "${pattern}", expected "pubsub"`;
  throw settings.error("pattern", text);
}

class ZeromqNode implements Node {
  readonly details: string;
  readonly #context: NodeContext;
  readonly #in: Direction;
  readonly #out: Direction;
  readonly #keys: Keys | undefined;
  readonly #ipv6: boolean;
  readonly #peers: number;
  readonly #vectorize: number;
  readonly #stopped = new AbortController();
  #pub: XPub | undefined;
  #sub: Sub | undefined;
  #codec: Codec | undefined;
  #ready: Promise<void> | undefined;

  constructor(context: NodeContext) {
    const { settings } = context;
    this.#context = context;
    checkPattern(settings);
    this.#in = direction(context.in, "subscribe", false);
    this.#out = direction(context.out, "publish", true);
    if (this.#in.addresses.length + this.#out.addresses.length === 0) {
      const wanted = "expected endpoints in in.subscribe, in out.publish, or in both";
      const text = `Node ${context.name} has no endpoints: ${wanted}`;
      throw new ConfigError(settings.group.at, text);
    }
    this.#keys = readKeys(settings.settings("curve"), this.#out.addresses.length > 0);
    this.#ipv6 = settings.boolean("ipv6") ?? false;
    this.#peers = context.out.integer("peers", 0) ?? 0;
    this.#vectorize = context.out.integer("vectorize", 1) ?? 1;
    this.details = this.#describe();
  }

  #describe(): string {
    const yes = (value: boolean): string => value ? "yes" : "no";
    const list = ({ addresses }: Direction): string => `[ ${addresses.join(" ")} ]`;
    const [input, output] = [this.#in, this.#out];
    const parts = [
      "pattern=pubsub",
      `ipv6=${yes(this.#ipv6)}`,
      `crypto=${yes(this.#keys !== undefined)}`,
      `in.bind=${yes(input.bind)}`,
      `out.bind=${yes(output.bind)}`,
      `in.subscribe=${list(input)}`,
      `out.publish=${list(output)}`,
    ];
    if (input.filter !== undefined) parts.push(`in.filter=${input.filter}`);
    if (output.filter !== undefined) parts.push(`out.filter=${output.filter}`);
    return parts.join(", ");
  }

  async start(): Promise<void> {
    // VILLASnode never writes the offset in messages.
    this.#codec = await this.#context.format("villas.binary", "message", { offset: false });
    const { pub, sub } = this.#keys === undefined ? {} : await openCurve(this.#keys);
    // XPUB is a PUB that tells who subscribes: a subscription comes only after its peer.
    this.#pub = new XPub({ verbosity: "allSubsUnsubs", ...(pub && { curve: pub }) });
    this.#sub = new Sub({ subscribe: this.#in.filter ?? "", ...(sub && { curve: sub }) });
    for (const socket of [this.#pub, this.#sub]) {
      void follow(socket, this.#context, this.#vectorize);
    }
    const subscriptions = new Subscriptions(this.#pub, this.#out.filter ?? "");
    // As VILLASnode does it, first all of the publisher's.
    await this.#open(this.#pub, this.#out);
    await this.#open(this.#sub, this.#in);
    this.#ready = this.#waitForPeers(subscriptions);
  }

  async #open(socket: Sub | XPub, { addresses, bind }: Direction): Promise<void> {
    for (const address of addresses) {
      const place = this.#ipv6 ? address : address.replace(/^tcp:/, "tcp4:");
      await open("zeromq", address, async () => {
        // Whoever is not there yet is tried again and again.
        if (bind) await socket.bind(place);
        else socket.connect(place);
      });
    }
  }

  /** How many subscriptions of its own the publisher gets. */
  get #own(): number {
    const [input, output] = [this.#in, this.#out];
    if (input.bind === output.bind || !(output.filter ?? "").startsWith(input.filter ?? "")) {
      return 0;
    }
    return output.bind
      ? countReached(input.addresses, output.addresses)
      : countReached(output.addresses, input.addresses);
  }

  /** A publisher drops what nobody listens to: the first sample waits for those who are sure to come. */
  async #waitForPeers(subscriptions: Subscriptions): Promise<void> {
    const { signal } = this.#stopped;
    try {
      await subscriptions.reach(this.#peers, signal);
      const soon = AbortSignal.any([signal, AbortSignal.timeout(OWN_PEERS_WAIT)]);
      await subscriptions.reach(this.#own, soon);
    } catch {
      // The node was stopped, or its own subscriptions do not come: then as VILLASnode does it.
    } finally {
      this.#ready = undefined;
    }
  }

  async *read(): AsyncGenerator<readonly Sample[]> {
    for await (const frames of this.#sub!) {
      const payload = this.#payload(frames);
      const samples = payload === undefined ? [] : this.#codec!.decode(payload);
      if (samples.length > 0) yield samples;
    }
  }

  /** Where the samples are: behind the envelope, if there is one. */
  #payload(frames: Frames): Uint8Array<ArrayBuffer> | undefined {
    const hasEnvelope = this.#in.filter !== undefined;
    if (frames.length === 2 || frames.length === 1 && !hasEnvelope) return frames.at(-1);
    const wanted = hasEnvelope ? "2, an envelope and the samples" : "1, or 2 with an envelope";
    this.#context.malformed(`the message has ${frames.length} frames, expected ${wanted}`);
    return undefined;
  }

  async write(samples: readonly Sample[]): Promise<void> {
    if (this.#ready !== undefined) await this.#ready;
    if (this.#stopped.signal.aborted) return this.#context.dropped(samples.length, "stopped");
    const { filter } = this.#out;
    const message = this.#codec!.encode(samples);
    await this.#pub!.send(filter === undefined ? message : [filter, message]);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([this.#pub?.close(), this.#sub?.close()]);
  }
}

/** `zeromq`: a PUB socket with `out.publish`, and a SUB socket with `in.subscribe`; ZeroMQ's own protocol, ZMTP. */
export const zeromq: NodeType = {
  name: "zeromq",
  reverse: (settings) => reverseEndpoints(settings, "subscribe", "publish"),
  create: (context): Node => new ZeromqNode(context),
};
