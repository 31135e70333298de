import type { Connection } from "../../src/contracts/connection.ts";
import { SPError } from "../../src/base/errors.ts";
import type { Mechanism, MechanismContext, MechanismStep } from "../mechanisms/mechanism.ts";
import { encodeCommand, expectCommand, join, malformed, wrongSize } from "../wire/commands.ts";
import { type Boxes, KEY_SIZE, loadBoxes } from "./boxes.ts";
import {
  type CurveKey,
  type KeyPair,
  type OwnKeyOptions,
  OwnKeys,
  parseKey,
  randomBytes,
  type RandomSource,
} from "./keys.ts";
import { HELLO, INITIATE, LONG_NONCE_SIZE, READY, VOUCH, WELCOME } from "./layout.ts";
import { MessageNonce, nonceOf, ReceiveCounter, SendCounter } from "./nonces.ts";
import { SecureConnection } from "./secure_connection.ts";

/** The keys of a client, for all its connections. */
export class CurveClientKeys {
  /** The server's long-term key, which has to be known. */
  readonly serverKey: Uint8Array<ArrayBuffer>;
  /** The client's own. */
  readonly own: OwnKeys;

  /** @throws {SPError} `EINVAL` if a key is invalid. */
  constructor(options: { readonly serverKey: CurveKey } & OwnKeyOptions) {
    this.serverKey = parseKey(options.serverKey, "serverKey");
    this.own = new OwnKeys(options);
  }
}

/** What is known once the handshake has begun. */
interface Session {
  readonly boxes: Boxes;
  /** Long-term keys. */
  readonly own: KeyPair;
  /** For this connection. */
  readonly fresh: KeyPair;
}

/** The client's side of CURVE (RFC 26): HELLO, INITIATE. */
export class CurveClient implements Mechanism {
  readonly name = "CURVE";
  readonly isServer: boolean = false;
  readonly #keys: CurveClientKeys;
  readonly #metadata: Uint8Array;
  readonly #random: RandomSource;
  readonly #sent = new SendCounter();
  readonly #received = new ReceiveCounter();
  #session: Session | undefined;
  /** The key that this connection's keys share, once WELCOME has come. */
  #key: Uint8Array<ArrayBuffer> | undefined;

  /**
   * @param keys The socket's.
   * @param context Metadata.
   * @param random Where keys and nonces come from: tests need to know them.
   */
  constructor(
    keys: CurveClientKeys,
    { metadata }: MechanismContext,
    random: RandomSource = randomBytes,
  ) {
    this.#keys = keys;
    this.#metadata = metadata;
    this.#random = random;
  }

  async begin(): Promise<Uint8Array> {
    const boxes = await loadBoxes();
    const secretKey = this.#random(KEY_SIZE);
    const fresh = { publicKey: boxes.publicKey(secretKey), secretKey };
    this.#session = { boxes, own: this.#keys.own.pair(boxes), fresh };
    const hello = new Uint8Array(HELLO.size);
    hello.set(encodeCommand("HELLO"));
    hello[HELLO.version] = 1;
    hello.set(fresh.publicKey, HELLO.key);
    this.#sent.next(hello, HELLO.counter);
    const nonce = nonceOf(HELLO.prefix, hello.subarray(HELLO.counter, HELLO.box));
    const key = this.#sharedWithServer(fresh.secretKey);
    hello.set(boxes.seal(key, nonce, new Uint8Array(HELLO.content)), HELLO.box);
    return hello;
  }

  receive(body: Uint8Array<ArrayBuffer>): MechanismStep {
    return this.#key === undefined ? this.#welcome(body) : this.#ready(body, this.#key);
  }

  secure(
    connection: Connection,
    first: readonly Uint8Array<ArrayBuffer>[],
    maxFrameSize: number,
  ): Connection {
    const shared = { boxes: this.#session!.boxes, key: this.#key! };
    return new SecureConnection(connection, first, {
      send: { ...shared, nonce: new MessageNonce("C"), counter: this.#sent },
      receive: { ...shared, nonce: new MessageNonce("S"), counter: this.#received },
    }, maxFrameSize);
  }

  /** Takes the server's key and cookie. Answers with INITIATE. */
  #welcome(body: Uint8Array<ArrayBuffer>): MechanismStep {
    expectCommand(body, "WELCOME", true);
    if (body.length !== WELCOME.size) throw wrongSize("WELCOME", body, `${WELCOME.size}`);
    const { boxes, own, fresh } = this.#session!;
    const nonce = nonceOf(WELCOME.prefix, body.subarray(WELCOME.nonce, WELCOME.box));
    const key = this.#sharedWithServer(fresh.secretKey);
    const content = boxes.open(key, nonce, body.subarray(WELCOME.box));
    if (content === undefined) {
      throw malformed("The peer sent a WELCOME that serverKey does not open");
    }
    const serverFresh = content.subarray(0, KEY_SIZE);
    const cookie = content.subarray(KEY_SIZE);

    const vouchNonce = this.#random(LONG_NONCE_SIZE);
    const shared = this.#key = boxes.sharedKey(fresh.secretKey, serverFresh);
    const vouch = boxes.seal(
      boxes.sharedKey(own.secretKey, serverFresh),
      nonceOf(VOUCH.prefix, vouchNonce),
      join(fresh.publicKey, this.#keys.serverKey),
    );
    const counter = new Uint8Array(8);
    this.#sent.next(counter, 0);
    const box = boxes.seal(
      shared,
      nonceOf(INITIATE.prefix, counter),
      join(own.publicKey, vouchNonce, vouch, this.#metadata),
    );
    return { say: encodeCommand("INITIATE", cookie, counter, box), isDone: false };
  }

  /** Takes the server's metadata. */
  #ready(body: Uint8Array<ArrayBuffer>, key: Uint8Array): MechanismStep {
    expectCommand(body, "READY", true);
    if (body.length < READY.leastSize) throw wrongSize("READY", body, `${READY.leastSize} or more`);
    this.#received.take(body, READY.counter);
    const nonce = nonceOf(READY.prefix, body.subarray(READY.counter, READY.box));
    const metadata = this.#session!.boxes.open(key, nonce, body.subarray(READY.box));
    if (metadata === undefined) throw malformed("The peer sent a READY whose box does not open");
    return { isDone: true, metadata };
  }

  #sharedWithServer(secretKey: Uint8Array): Uint8Array {
    try {
      return this.#session!.boxes.sharedKey(secretKey, this.#keys.serverKey);
    } catch (cause) {
      throw new SPError("EINVAL", "Cannot use the serverKey: it is not a valid public key", {
        cause,
      });
    }
  }
}
