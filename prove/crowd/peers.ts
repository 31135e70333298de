/**
 * A process of raw peers, run by Node: they cost little, and no library of ours helps or hinders them.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { connect as connectTLS } from "node:tls";
import { mark, quietPeer } from "../../bench/lib/crowd.ts";
import { serveQuestions } from "../lib/answers.ts";
import { fill, type ProtocolName, type RawWire, type WireName, wires } from "./wires.ts";

/** What a loud peer writes at a time. */
const CHUNK = 64 * 1024;

/** The most connections that are being made at once. */
const AT_ONCE = 200;

/** How many writes have ended, of all peers. */
let written = 0;

class RawPeer {
  readonly #socket: Socket;
  readonly #wire: RawWire;
  readonly #number: number;
  #isBlasting = false;
  #isLost = false;
  #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  constructor(socket: Socket, wire: RawWire, number: number) {
    this.#socket = socket;
    this.#wire = wire;
    this.#number = number;
    socket.on("close", () => {
      this.#isLost = true;
      clearInterval(this.#timer);
    });
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  get sent(): number {
    return this.#sent;
  }

  /** Resolves when the system has taken the bytes, or the connection is gone. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(bytes, () => {
        written++;
        resolve();
      });
    });
  }

  /** A chunk of messages, once. */
  once(size: number, bytes: number): Promise<void> {
    return this.write(fill(this.#wire, this.#number, size, bytes));
  }

  /** Chunks of messages, as fast as they are taken. */
  blast(size: number): void {
    const chunk = fill(this.#wire, this.#number, size, CHUNK);
    this.#isBlasting = true;
    const next = (): void => {
      if (!this.#isBlasting || this.#isLost) return;
      this.#socket.write(chunk, () => {
        written++;
        setImmediate(next);
      });
    };
    next();
  }

  /** A message from time to time, with the time in it. */
  whisper(size: number, every: number): void {
    const body = new Uint8Array(size);
    this.#timer = setInterval(() => {
      mark(body, quietPeer, this.#sent++, Date.now());
      this.#socket.write(this.#wire.frame(body));
    }, every);
  }

  /** Sends no more. */
  hush(): void {
    this.#isBlasting = false;
    clearInterval(this.#timer);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isLost) return resolve();
      this.#socket.once("close", () => resolve());
      this.#socket.resetAndDestroy();
    });
  }
}

/** Where, and as whom. */
interface Guise {
  readonly port: number;
  readonly wire: WireName;
  readonly protocol: ProtocolName;
  /** Whether the peer never takes what is sent to it. */
  readonly isDeaf?: boolean;
}

/** Resolves with a peer that may send, or with nothing if there was no connection or no answer. */
function join(
  { port, wire: name, protocol, isDeaf = false }: Guise,
  number: number,
): Promise<RawPeer | void> {
  const wire = wires[name];
  return new Promise((resolve) => {
    // One machine has 28,000 ports for each of its addresses.
    const localAddress = `127.0.0.${2 + number % 4}`;
    const socket = connect({ host: "127.0.0.1", port, localAddress, noDelay: true });
    let answer: Uint8Array = new Uint8Array();
    const hear = (chunk: Uint8Array): void => {
      answer = Uint8Array.from([...answer, ...chunk]);
      if (!wire.isAnswered(answer)) return;
      socket.off("data", hear);
      if (isDeaf) socket.pause();
      else socket.resume();
      resolve(new RawPeer(socket, wire, number));
    };
    socket.on("data", hear);
    socket.on("error", () => {}); // "close" follows
    socket.once("close", () => resolve());
    socket.write(wire.hello(protocol));
  });
}

/** Begins a handshake that cannot succeed; resolves with whether it has failed when the connection is gone. */
function failHandshake(port: number, isTLS: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    let failed = true;
    const socket = isTLS
      ? connectTLS({ host: "127.0.0.1", port }, () => failed = false) // It knows no authority that could vouch.
      : connect({ host: "127.0.0.1", port });
    socket.on("error", () => {}); // "close" follows
    socket.once("close", () => resolve(failed));
    socket.resume();
    if (!isTLS) socket.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  });
}

/** Does something so many times, with a limit to how many are under way. */
async function repeat(
  count: number,
  atOnce: number,
  act: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, async () => {
    while (next < count) await act(next++);
  }));
}

let peers: RawPeer[] = [];

serveQuestions({
  /** Connects so many; those that fail are told. */
  async join({ count, ...guise }: Guise & { count: number }) {
    const first = peers.length;
    let failed = 0;
    await repeat(count, AT_ONCE, async (number) => {
      const peer = await join(guise, first + number);
      if (peer === undefined) failed++;
      else peers.push(peer);
    });
    return { failed };
  },
  /** So many say their greeting, and nobody waits for an answer: answers when the system has made the connections. */
  async knock({ count, port }: { count: number; port: number }) {
    await Promise.all(Array.from({ length: count }, () =>
      new Promise<void>((resolve) => {
        const socket = connect({ host: "127.0.0.1", port }, resolve);
        socket.on("error", () => {}); // "close" follows
        socket.once("close", () => resolve());
        socket.write(wires.sp.hello("push"));
        peers.push(new RawPeer(socket, wires.sp, peers.length));
      })));
  },
  /** Each sends a chunk; answers when the system has it. */
  async once({ size, bytes = CHUNK }: { size: number; bytes?: number }) {
    await Promise.all(peers.map((peer) => peer.once(size, bytes)));
  },
  /** Each sends these bytes. */
  async write({ hex }: { hex: string }) {
    const bytes = Buffer.from(hex, "hex");
    await Promise.all(peers.map((peer) => peer.write(bytes)));
  },
  /** Each sends as fast as it may. */
  blast({ size }: { size: number }) {
    for (const peer of peers) peer.blast(size);
  },
  /** Answers when nobody's bytes have been taken for a while: every buffer is full. */
  async stuck() {
    for (let before = -1; before !== written;) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    return { written };
  },
  /** Each sends a message with the time in it, every so many milliseconds. */
  whisper({ size, every }: { size: number; every: number }) {
    for (const peer of peers) peer.whisper(size, every);
  },
  /** Nobody sends any more. */
  hush() {
    for (const peer of peers) peer.hush();
    return { sent: peers.reduce((sum, peer) => sum + peer.sent, 0) };
  },
  /** How many are still connected. */
  count() {
    return { connected: peers.filter((peer) => !peer.isLost).length };
  },
  /** So many handshakes fail, one after the other in each of 20 rows. */
  async failHandshakes({ port, count, isTLS }: { port: number; count: number; isTLS: boolean }) {
    let failed = 0;
    await repeat(count, 20, async () => {
      if (await failHandshake(port, isTLS)) failed++;
    });
    return { failed };
  },
  /** All go. */
  async leave() {
    await Promise.all(peers.map((peer) => peer.close()));
    peers = [];
  },
});
