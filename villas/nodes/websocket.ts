import { ConfigError, toSetting } from "../config/setting.ts";
import { type Codec, FormatError } from "../formats/format.ts";
import { chooseFormat } from "../formats/table.ts";
import { dialLive, type LiveSocket } from "../gateway/live_server.ts";
import { now, type Sample } from "../model/sample.ts";
import { sleep } from "../model/schedule.ts";
import { Queue } from "./lib/queue.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

/** Samples that wait to be read. */
const QUEUE = 8192;
/** Bytes that wait for a peer that does not read; more samples are dropped. */
const MOST_WAITING = 1024 * 1024;
/** The first and the longest pause before a server is tried again, in milliseconds. */
const RETRY = { first: 250, longest: 5000 };
const POLICY_VIOLATION = 1008;

/** A peer, and how it is spoken to. */
interface Connection {
  readonly socket: LiveSocket;
  readonly codec: Codec;
  readonly binary: boolean;
}

class WebsocketNode implements Node {
  readonly details: string;
  readonly #context: NodeContext;
  readonly #destinations: readonly string[];
  readonly #queue = new Queue<Sample>(QUEUE);
  readonly #stopped = new AbortController();
  readonly #connections: Set<Connection> = new Set();
  #dialling: readonly Promise<void>[] = [];

  constructor(context: NodeContext) {
    const { settings } = context;
    this.#context = context;
    this.#destinations = settings.strings("destinations") ?? [];
    for (const url of this.#destinations) {
      if (/^(https?|wss?):\/\//.test(url) && URL.canParse(url)) continue;
      const at = settings.get("destinations")!.at;
      throw new ConfigError(at, `Failed to parse WebSocket URI: '${url}'`);
    }
    this.details = `destinations=[ ${this.#destinations.join(" ")} ]`;
  }

  async start(): Promise<void> {
    const { name, live, log } = this.#context;
    const port = await live.add(name, (socket, format) => this.#accept(socket, format));
    if (port !== undefined) log.info(`Serving ws://*:${port}/${name}`);
    this.#dialling = this.#destinations.map((url) => this.#dial(url));
  }

  /** A peer has come: by our server, or because we called. Messages that come while the format is opened wait for it. */
  #accept(socket: LiveSocket, format: string): void {
    const { log } = this.#context;
    const opening = this.#open(socket, format).catch((error) => {
      log.warn(`Refused a connection: ${error instanceof Error ? error.message : error}`);
      socket.close(POLICY_VIOLATION, "Unknown format");
      return undefined;
    });
    socket.on("message", async (data) => {
      const connection = await opening;
      if (connection !== undefined) this.#take(connection.codec.decode(data));
    });
    socket.on("close", async () => {
      const connection = await opening;
      if (connection !== undefined) this.#connections.delete(connection);
    });
  }

  async #open(socket: LiveSocket, name: string): Promise<Connection> {
    const { format, settings } = chooseFormat(toSetting(name));
    const codec = await format.open({
      settings,
      mode: "message",
      offset: false,
      signals: this.#context.signals,
      problem: ({ message }) => this.#context.malformed(message),
    });
    const connection = { socket, codec, binary: format.binary ?? false };
    this.#connections.add(connection);
    return connection;
  }

  #take(samples: readonly Sample[]): void {
    const received = now();
    let lost = 0;
    for (const sample of samples) {
      if (!this.#queue.push({ ...sample, received })) lost++;
    }
    if (lost > 0) this.#context.dropped(lost, "the queue is full");
  }

  /** Keeps a connection to another's server. */
  async #dial(url: string): Promise<void> {
    const { signal } = this.#stopped;
    const { log } = this.#context;
    const format = /^[^?]*\/[^/.?]+\.([^/?]+)/.exec(new URL(url).pathname)?.[1] ?? "villas.web";
    let pause = RETRY.first;
    while (!signal.aborted) {
      const socket = await dialLive(url);
      await new Promise<void>((resolve) => {
        const end = (): void => socket.terminate();
        signal.addEventListener("abort", end);
        socket.on("error", ({ message }) => {
          log.often("dial", `Failed to establish WebSocket connection: ${message}`);
        });
        socket.on("open", () => {
          pause = RETRY.first;
          if (signal.aborted) socket.terminate();
        });
        socket.on("close", () => {
          signal.removeEventListener("abort", end);
          resolve();
        });
        this.#whenOpen(socket, format);
      });
      await sleep(pause, signal);
      pause = Math.min(2 * pause, RETRY.longest);
    }
  }

  #whenOpen(socket: LiveSocket, format: string): void {
    socket.on("open", () => this.#accept(socket, format));
  }

  read(): AsyncIterable<readonly Sample[]> {
    return this.#queue.take();
  }

  write(samples: readonly Sample[]): Promise<void> {
    for (const { socket, codec, binary } of this.#connections) {
      if (socket.bufferedAmount > MOST_WAITING) {
        this.#context.dropped(samples.length, "a peer does not read them");
        continue;
      }
      try {
        socket.send(codec.encode(samples), { binary });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        this.#context.dropped(samples.length, error.message);
      }
    }
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const { socket } of this.#connections) socket.close(1001, "Node stopped");
    this.#queue.close();
    await Promise.all(this.#dialling);
    await this.#context.live.remove(this.#context.name);
  }
}

/** `websocket`: as VILLASweb's pages talk: a server at `ws://HOST:PORT/NODE`, and clients of the servers in `destinations`. */
export const websocket: NodeType = {
  name: "websocket",
  create: (context): Node => new WebsocketNode(context),
};
