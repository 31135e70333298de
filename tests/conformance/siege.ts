/** A socket with a good peer, to whom it talks without pause, and room for bad ones. */

import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import { Pub, Pull, Push, Rep, Req, type Socket, type SocketOptions, Sub } from "../../mod.ts";
import { EventLog, type EventOf } from "./events_log.ts";
import { header, RawPeer, type Scheme } from "./raw_peer.ts";
import { attached, patience, toText } from "./stage.ts";
import { temporaryFolder } from "./transports.ts";

/** A socket to be attacked, with what it does meanwhile. */
export interface Victim {
  readonly name: string;
  /** What a right peer says in its header. */
  readonly peerNumber: number;
  /** Makes the socket, its good peer, and their conversation, of which one round is a call. */
  make(options: SocketOptions): {
    victim: Socket;
    good: Socket;
    round: (text: string) => Promise<void>;
  };
}

const signalled = (): { signal: AbortSignal } => ({ signal: patience() });

/** The sockets that are attacked. */
export const VICTIMS: Readonly<Record<"pull" | "push" | "pub" | "rep" | "req", Victim>> = {
  pull: {
    name: "PULL",
    peerNumber: 0x50,
    make: (options) => {
      const [victim, good] = [new Pull(options), new Push()];
      return {
        victim,
        good,
        round: async (text) => {
          await good.send(text, signalled());
          assert.equal(toText(await victim.receive(signalled())), text);
        },
      };
    },
  },
  push: {
    name: "PUSH",
    peerNumber: 0x51,
    make: (options) => {
      const [victim, good] = [new Push(options), new Pull()];
      return {
        victim,
        good,
        round: async (text) => {
          await victim.send(text, signalled());
          assert.equal(toText(await good.receive(signalled())), text);
        },
      };
    },
  },
  pub: {
    name: "PUB",
    peerNumber: 0x21,
    make: (options) => {
      const [victim, good] = [new Pub(options), new Sub({ subscribe: "" })];
      return {
        victim,
        good,
        round: async (text) => {
          await victim.send(text, signalled());
          assert.equal(toText(await good.receive(signalled())), text);
        },
      };
    },
  },
  rep: {
    name: "REP",
    peerNumber: 0x30,
    make: (options) => {
      const [victim, good] = [new Rep(options), new Req()];
      victim.serve((question) => question);
      return {
        victim,
        good,
        round: async (text) => {
          assert.equal(toText(await good.request(text, signalled())), text);
        },
      };
    },
  },
  req: {
    name: "REQ",
    peerNumber: 0x31,
    make: (options) => {
      const [victim, good] = [new Req(options), new Rep()];
      good.serve((question) => question);
      return {
        victim,
        good,
        round: async (text) => {
          assert.equal(toText(await victim.request(text, signalled())), text);
        },
      };
    },
  },
};

/** A socket under attack. */
export class Siege implements AsyncDisposable {
  /** The socket that is attacked. */
  readonly victim: Socket;
  /** What it tells. */
  readonly log: EventLog;
  /** Where to attack. */
  readonly address: string;
  readonly #good: Socket;
  readonly #goodLog: EventLog;
  readonly #number: number;
  readonly #round: (text: string) => Promise<void>;
  readonly #remove: () => void;
  readonly #talk: Promise<void>;
  readonly #strays: unknown[] = [];
  #rounds = 0;
  #stopped = false;

  private constructor(
    kind: Victim,
    address: string,
    made: ReturnType<Victim["make"]>,
    remove: () => void,
  ) {
    this.victim = made.victim;
    this.address = address;
    this.#good = made.good;
    this.#round = made.round;
    this.#number = kind.peerNumber;
    this.#remove = remove;
    this.log = new EventLog(made.victim);
    this.#goodLog = new EventLog(made.good);
    process.on("unhandledRejection", this.#stray);
    process.on("uncaughtException", this.#stray);
    this.#talk = this.#keepTalking();
    this.#talk.catch(() => {});
  }

  /** A socket that listens where bad peers come, and on another address for its good one. */
  static async lay(scheme: Scheme, kind: Victim, options: SocketOptions = {}): Promise<Siege> {
    const { folder, remove } = temporaryFolder();
    const address = (name: string): string =>
      scheme === "ipc" ? `ipc://${join(folder, name)}` : "tcp://127.0.0.1:0";
    const made = kind.make(options);
    // Who deals messages out prefers the good peer, so that none is lost with a bad one.
    const goodListener = await made.victim.bind(address("good"), { sendPriority: 1 });
    const listener = await made.victim.bind(address("bad"), { sendPriority: 2 });
    made.good.connect(goodListener.address);
    await attached(made.victim, made.good);
    return new Siege(kind, listener.address, made, remove);
  }

  /** A bad peer; one that has said a right header, if told so. */
  async enter({ greeted = false }: { greeted?: boolean } = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(this.address);
    if (!greeted) return peer;
    await peer.send(header(this.#number));
    await peer.until(8);
    return peer;
  }

  /** The bad peer's end, as the victim tells it. */
  async lost(): Promise<EventOf<"detached">> {
    return await this.log.next("detached");
  }

  /** Checks that the good peer is still talked to, and noticed nothing. */
  async assertUnharmed(): Promise<void> {
    const before = this.#rounds;
    while (this.#rounds < before + 3) await Promise.race([this.#talk, turn()]);
    this.#stopped = true;
    await this.#talk;
    assert.deepEqual(this.#goodLog.all, []);
    assert.deepEqual(this.#strays, []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await Promise.all([
      this.victim.close({ linger: 0 }),
      this.#good.close({ linger: 0 }),
    ]);
    process.off("unhandledRejection", this.#stray);
    process.off("uncaughtException", this.#stray);
    this.#remove();
  }

  readonly #stray = (error: unknown): void => {
    this.#strays.push(error);
  };

  async #keepTalking(): Promise<void> {
    while (!this.#stopped) {
      await this.#round(`round ${this.#rounds}`);
      this.#rounds++;
      await turn();
    }
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
