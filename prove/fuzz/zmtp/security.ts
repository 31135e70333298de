import type { Connection } from "../../../src/contracts/connection.ts";
import { loadBoxes } from "../../../zmtp/curve/boxes.ts";
import { CurveClient, CurveClientKeys } from "../../../zmtp/curve/curve_client.ts";
import { CurveServer } from "../../../zmtp/curve/curve_server.ts";
import { OwnKeys } from "../../../zmtp/curve/keys.ts";
import type { Mechanism, MechanismStep } from "../../../zmtp/mechanisms/mechanism.ts";
import { PlainClient, PlainServer } from "../../../zmtp/mechanisms/plain.ts";
import type { CurveOptions, PlainOptions } from "../../../zmtp/mod.ts";
import { concat, type Mutations } from "../mutations.ts";
import type { Security } from "../place.ts";

const SERVER_SECRET = new Uint8Array(32).fill(2);
const CLIENT_SECRET = new Uint8Array(32).fill(1);
/** The public key to 32 bytes of 2. */
const SERVER_KEY = "=w:)j+^Gs]DVl/C6S5&/+(Th+1R0pUmy&UT4P[cZ";

/** What sockets are given to speak a mechanism, by the side that they are on. */
export const SECURITY: Readonly<
  Record<
    Security["mechanism"],
    Record<"client" | "server", { curve?: CurveOptions; plain?: PlainOptions }>
  >
> = {
  PLAIN: {
    client: { plain: { username: "user", password: "secret" } },
    server: { plain: { server: true, users: { user: "secret" } } },
  },
  CURVE: {
    client: { curve: { serverKey: SERVER_KEY, secretKey: CLIENT_SECRET } },
    server: { curve: { server: true, secretKey: SERVER_SECRET } },
  },
};

/** Has what CURVE needs at hand. */
export async function prepareSecurity(): Promise<void> {
  await loadBoxes();
}

/** The mutator's side of a handshake that is in order. */
export class Opposite {
  /** Commands to say, the next one first. */
  readonly says: Uint8Array[] = [];
  /** Whether both agree. */
  isDone = false;
  readonly #mechanism: Mechanism;
  #secured: Connection | undefined;
  #sealed: Uint8Array[] = [];
  #turn: Promise<void>;

  /** @param security The socket's. @param metadata What is told of us. @param mutations For keys and nonces. */
  constructor({ mechanism, side }: Security, metadata: Uint8Array, mutations: Mutations) {
    const context = { metadata, authenticate: () => Promise.resolve({ status: 200 as const }) };
    const random = (length: number): Uint8Array<ArrayBuffer> =>
      new Uint8Array(mutations.noise(length));
    const password = mutations.random.oneIn(6) ? "wrong" : "secret";
    if (mechanism === "PLAIN") {
      this.#mechanism = side === "server"
        ? new PlainClient({ username: "user", password }, context)
        : new PlainServer(context);
    } else {
      this.#mechanism = side === "server"
        ? new CurveClient(
          new CurveClientKeys({ serverKey: SERVER_KEY, secretKey: CLIENT_SECRET }),
          context,
          random,
        )
        : new CurveServer(new OwnKeys({ secretKey: SERVER_SECRET }), context, random);
    }
    this.#turn = this.#begin();
  }

  /** Takes a command. */
  hear(body: Uint8Array): void {
    this.#turn = this.#turn.then(async () => {
      if (this.isDone) return;
      this.#step(await this.#mechanism.receive(new Uint8Array(body)));
    }).catch(() => {}); // What the socket says is for others to judge.
  }

  /** Frames as they travel once both agree. */
  seal(frames: Uint8Array): Uint8Array {
    if (this.#mechanism.secure === undefined) return frames;
    this.#secured ??= this.#mechanism.secure(this.#below(), [], 2 ** 20);
    this.#secured.write([frames]);
    return concat(...this.#sealed.splice(0));
  }

  async #begin(): Promise<void> {
    const first = await this.#mechanism.begin();
    if (first !== undefined) this.says.push(first);
  }

  #step({ say, isDone }: MechanismStep): void {
    if (say !== undefined) this.says.push(say);
    this.isDone = isDone;
  }

  /** Where sealed frames go. */
  #below(): Connection {
    const nothing = (): void => {};
    return {
      framing: "tcp",
      remoteAddress: "",
      localAddress: "",
      start: nothing,
      write: (chunks) => {
        this.#sealed.push(...chunks.map((chunk) => chunk.slice()));
        return true;
      },
      pause: nothing,
      resume: nothing,
      end: nothing,
      destroy: nothing,
    };
  }
}
