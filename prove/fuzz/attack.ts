import { Buffer } from "node:buffer";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import {
  connect as connectTls,
  createSecureContext,
  type SecureContext,
  TLSSocket,
} from "node:tls";
import type { Certificate } from "../../tests/helpers/certificates.ts";
import { Random } from "../lib/random.ts";
import { Connection } from "./connection.ts";
import { makeNoise, Mutations } from "./mutations.ts";
import { indexOf, type Place, type Scheme, whereIs, type Wire } from "./place.ts";
import { SPTalk } from "./sp_talk.ts";
import { SPSpeech } from "./speech.ts";
import type { Batch, Talk } from "./talk.ts";
import { clientHello, TlsTalk } from "./tls_talk.ts";
import { WebSocketTalk } from "./ws_talk.ts";
import { SecureTalk } from "./zmtp/secure_talk.ts";
import { prepareSecurity } from "./zmtp/security.ts";
import { ZwsSpeech } from "./zmtp/speech.ts";
import { ZmtpTalk } from "./zmtp/talk.ts";

/** Connections that we make at once. */
const CONCURRENCY = 64;
/** Inputs that are remembered, to be told of when something breaks. */
const REMEMBERED = 2048;
/** Of an input that is remembered, so many bytes. */
const SHOWN = 256;

/** What is attacked, and with what. */
export interface AttackOptions {
  readonly wire: Wire;
  readonly scheme: Scheme;
  readonly seed: number;
  readonly places: readonly Place[];
  /** For socket files. */
  readonly folder: string;
  /** With which the mutator listens over TLS. */
  readonly certificate: Certificate;
}

/** What was sent so far. */
export interface AttackCounts {
  /** To sockets that bind. */
  readonly inputsBound: number;
  /** To sockets that connect. */
  readonly inputsConnected: number;
  readonly connections: number;
  readonly bytes: number;
}

/** An input that was sent: its connection's number, its own number there, and its first bytes. */
export interface Sent {
  readonly index: number;
  readonly input: number;
  readonly place: string;
  /** Milliseconds of the epoch. */
  readonly at: number;
  readonly hex: string;
}

/** Sends mutated bytes to places, on many connections at once. */
export class Attack {
  readonly #options: AttackOptions;
  readonly #noise: Uint8Array;
  readonly #hello: Uint8Array;
  readonly #running: Set<Connection> = new Set();
  readonly #servers: Server[] = [];
  /** How many connections each place has had. */
  readonly #turns: number[];
  readonly #remembered: (Omit<Sent, "hex"> & { readonly bytes: Uint8Array })[] = [];
  readonly #inputs: Map<Connection, number> = new Map();
  readonly #counts: Record<keyof AttackCounts, number> = {
    inputsBound: 0,
    inputsConnected: 0,
    connections: 0,
    bytes: 0,
  };
  readonly #secureContext: SecureContext;
  #outgoing = 0;
  #next = 0;
  #oldest = 0;
  #isOn = false;

  private constructor(options: AttackOptions, hello: Uint8Array) {
    this.#options = options;
    this.#hello = hello;
    this.#secureContext = createSecureContext(options.certificate);
    this.#noise = makeNoise(new Random(options.seed));
    this.#turns = options.places.map(() => 0);
  }

  /** Listens where sockets are to connect to; these places get their addresses. */
  static async prepare(options: AttackOptions): Promise<{ attack: Attack; places: Place[] }> {
    if (options.wire === "zmtp") await prepareSecurity();
    const attack = new Attack(options, await clientHello());
    const places = await Promise.all(
      options.places.map(async (place, number) =>
        place.role === "bind" ? place : { ...place, address: await attack.#listen(place, number) }
      ),
    );
    return { attack, places };
  }

  get counts(): AttackCounts {
    return this.#counts;
  }

  get #total(): number {
    return this.#counts.inputsBound + this.#counts.inputsConnected;
  }

  /** Begins with the connection of this number, and goes on for so many inputs, or until it is stopped. */
  async run(inputs: number, from: number): Promise<void> {
    const { places } = this.#options;
    if (from > 0) {
      places.forEach((_, i) => this.#turns[i] = Math.max(0, Math.ceil((from - i) / places.length)));
    }
    const goal = this.#total + inputs;
    const bound = places.flatMap(({ role }, i) => role === "bind" ? [i] : []);
    this.#isOn = true;
    while (this.#isOn && this.#total < goal) {
      // Sockets that connect come besides, as often as they please.
      while (this.#outgoing < CONCURRENCY) this.#connect(bound[this.#next++ % bound.length]!);
      const now = performance.now();
      for (const connection of this.#running) connection.step(now);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    this.#isOn = false;
    for (const connection of [...this.#running]) connection.reset();
  }

  /** Ends what runs. */
  stop(): void {
    this.#isOn = false;
  }

  /** The last inputs, the newest first; those to one place, if it is named. */
  recent(count: number, before: number, place?: string): Sent[] {
    return this.#remembered
      .filter((one) => one.at <= before && (place === undefined || one.place.startsWith(place)))
      .sort((a, b) => b.at - a.at)
      .slice(0, count)
      .map(({ bytes, ...rest }) => ({ ...rest, hex: Buffer.from(bytes).toString("hex") }));
  }

  #connect(place: number): void {
    const { scheme, places } = this.#options;
    const where = whereIs(places[place]!.address);
    const index = this.#takeIndex(place);
    const socket = scheme === "tls" && this.#hasHandshake(index)
      ? connectTls({ ...where, rejectUnauthorized: false })
      : connect(where);
    this.#begin(index, place, socket);
  }

  #accept(place: number, socket: Socket): void {
    socket.on("error", () => {});
    if (!this.#isOn) {
      socket.destroy();
      return;
    }
    const index = this.#takeIndex(place);
    const isEncrypted = this.#options.scheme === "tls" && this.#hasHandshake(index);
    const secureContext = this.#secureContext;
    this.#begin(
      index,
      place,
      isEncrypted ? new TLSSocket(socket, { isServer: true, secureContext }) : socket,
    );
  }

  #takeIndex(place: number): number {
    return indexOf(this.#turns[place]!++, place, this.#options.places.length);
  }

  /** Over TLS, every second one at each place has a handshake that is in order. */
  #hasHandshake(index: number): boolean {
    return Math.floor(index / this.#options.places.length) % 2 === 1;
  }

  #begin(index: number, place: number, socket: Socket): void {
    const connection = new Connection(index, place, socket, this.#talk(index, place), this.#sent);
    const isOutgoing = this.#options.places[place]!.role === "bind";
    if (isOutgoing) this.#outgoing++;
    this.#counts.connections++;
    this.#running.add(connection);
    connection.onOver = () => {
      if (isOutgoing) this.#outgoing--;
      this.#running.delete(connection);
      this.#inputs.delete(connection);
    };
  }

  #talk(index: number, at: number): Talk {
    const { wire, scheme, seed, places } = this.#options;
    const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
    const mutations = new Mutations(random, this.#noise);
    const place = places[at]!;
    const isZmtp = wire === "zmtp";
    if (scheme === "ws") {
      const Speech = isZmtp ? ZwsSpeech : SPSpeech;
      return new WebSocketTalk(place, mutations, new Speech(place, mutations));
    }
    if (scheme === "tls" && !this.#hasHandshake(index)) return new TlsTalk(mutations, this.#hello);
    if (place.security !== undefined) return new SecureTalk(place, place.security, mutations);
    if (isZmtp) return new ZmtpTalk(place, mutations);
    return new SPTalk(place, scheme === "ipc" ? "ipc" : "tcp", mutations);
  }

  readonly #sent = (connection: Connection, { bytes, inputs }: Batch): void => {
    const { index, place: at } = connection;
    const place = this.#options.places[at]!;
    this.#counts[place.role === "bind" ? "inputsBound" : "inputsConnected"] += inputs;
    this.#counts.bytes += bytes.length;
    const input = this.#inputs.get(connection) ?? 0;
    this.#inputs.set(connection, input + inputs);
    this.#remembered[this.#oldest++ % REMEMBERED] = {
      index,
      input,
      place: place.name,
      at: Date.now(),
      bytes: bytes.subarray(0, SHOWN),
    };
  };

  async #listen({ name }: Place, place: number): Promise<string> {
    const { scheme, folder } = this.#options;
    const server = createServer((socket) => this.#accept(place, socket));
    this.#servers.push(server);
    const path = join(folder, `mutator_${place}`);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      if (scheme === "ipc") server.listen({ path, backlog: 512 }, resolve);
      else server.listen({ host: "127.0.0.1", port: 0, backlog: 512 }, resolve);
    });
    if (scheme === "ipc") return `ipc://${path}`;
    const bound = server.address();
    if (typeof bound !== "object" || bound === null) throw new Error(`${name} is not bound`);
    return `${scheme === "tls" ? "tls+tcp" : scheme}://127.0.0.1:${bound.port}`;
  }
}
