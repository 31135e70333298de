import type { Connection } from "../../src/contracts/connection.ts";
import { Admission } from "../mechanisms/admission.ts";
import type { Mechanism, MechanismContext, MechanismStep } from "../mechanisms/mechanism.ts";
import { equalSecrets } from "../mechanisms/secrets.ts";
import {
  encodeCommand,
  encodeError,
  expectCommand,
  join,
  malformed,
  wrongSize,
} from "../wire/commands.ts";
import { type Boxes, KEY_SIZE, loadBoxes } from "./boxes.ts";
import { type OwnKeys, randomBytes, type RandomSource } from "./keys.ts";
import {
  COOKIE_SIZE,
  HELLO,
  INITIATE,
  INITIATE_BOX,
  LONG_NONCE_SIZE,
  READY,
  VOUCH,
  WELCOME,
} from "./layout.ts";
import { MessageNonce, nonceOf, ReceiveCounter, SendCounter } from "./nonces.ts";
import { SecureConnection } from "./secure_connection.ts";

/** What is known once HELLO has come. */
interface Session {
  readonly boxes: Boxes;
  /** The client's public key for this connection. */
  readonly clientFresh: Uint8Array;
  /** Our secret key for this connection. */
  readonly secretKey: Uint8Array;
  /** The key that the two share. */
  readonly key: Uint8Array;
  /**
   * What the client has to send back. RFC 26 puts the keys above into it, sealed, so that a server need not remember them. We do,
   * so it is random.
   */
  readonly cookie: Uint8Array;
}

/** The server's side of CURVE (RFC 26): WELCOME, READY. Without `authenticate` in its context, it lets in every client that knows its key. */
export class CurveServer implements Mechanism {
  readonly name = "CURVE";
  readonly isServer: boolean = true;
  readonly #keys: OwnKeys;
  readonly #metadata: Uint8Array;
  readonly #admission: Admission;
  readonly #random: RandomSource;
  readonly #sent = new SendCounter();
  readonly #received = new ReceiveCounter();
  #session: Session | undefined;

  /**
   * @param keys The socket's.
   * @param context Metadata, and who decides: it gets the client's long-term public key.
   * @param random Where keys and nonces come from: tests need to know them.
   */
  constructor(keys: OwnKeys, context: MechanismContext, random: RandomSource = randomBytes) {
    this.#keys = keys;
    this.#metadata = context.metadata;
    this.#admission = new Admission(context);
    this.#random = random;
  }

  begin(): undefined {
    return undefined;
  }

  receive(body: Uint8Array<ArrayBuffer>): Promise<MechanismStep> {
    return this.#session === undefined ? this.#hello(body) : this.#initiate(body, this.#session);
  }

  farewell(): Uint8Array | undefined {
    const { told } = this.#admission;
    return told === undefined ? undefined : encodeError(told);
  }

  secure(
    connection: Connection,
    first: readonly Uint8Array<ArrayBuffer>[],
    maxFrameSize: number,
  ): Connection {
    const { boxes, key } = this.#session!;
    return new SecureConnection(connection, first, {
      send: { boxes, key, nonce: new MessageNonce("S"), counter: this.#sent },
      receive: { boxes, key, nonce: new MessageNonce("C"), counter: this.#received },
    }, maxFrameSize);
  }

  /** Takes the client's key for this connection. Answers with WELCOME. */
  async #hello(body: Uint8Array<ArrayBuffer>): Promise<MechanismStep> {
    expectCommand(body, "HELLO", false);
    if (body.length !== HELLO.size) throw wrongSize("HELLO", body, `${HELLO.size}`);
    const [major, minor] = body.subarray(HELLO.version);
    if (major !== 1 || minor !== 0) {
      throw malformed(`The peer sent a HELLO of CURVE ${major}.${minor}, expected 1.0`);
    }
    const boxes = await loadBoxes();
    const own = this.#keys.pair(boxes);
    const clientFresh = body.slice(HELLO.key, HELLO.counter);
    this.#received.take(body, HELLO.counter);
    const longTerm = boxes.sharedKey(own.secretKey, clientFresh);
    const nonce = nonceOf(HELLO.prefix, body.subarray(HELLO.counter, HELLO.box));
    if (boxes.open(longTerm, nonce, body.subarray(HELLO.box)) === undefined) {
      throw malformed(
        "The peer sent a HELLO that our key does not open: it expects another server",
      );
    }
    const secretKey = this.#random(KEY_SIZE);
    const cookie = this.#random(COOKIE_SIZE);
    const key = boxes.sharedKey(secretKey, clientFresh);
    this.#session = { boxes, clientFresh, secretKey, key, cookie };
    const random = this.#random(LONG_NONCE_SIZE);
    const content = join(boxes.publicKey(secretKey), cookie);
    const box = boxes.seal(longTerm, nonceOf(WELCOME.prefix, random), content);
    return { say: encodeCommand("WELCOME", random, box), isDone: false };
  }

  /** Takes the client's long-term key and its metadata. Answers with READY. */
  async #initiate(body: Uint8Array<ArrayBuffer>, session: Session): Promise<MechanismStep> {
    expectCommand(body, "INITIATE", false);
    if (body.length < INITIATE.leastSize) {
      throw wrongSize("INITIATE", body, `${INITIATE.leastSize} or more`);
    }
    const { boxes, key } = session;
    if (!equalSecrets(body.subarray(INITIATE.cookie, INITIATE.counter), session.cookie)) {
      throw malformed("The peer sent an INITIATE with another cookie than ours");
    }
    this.#received.take(body, INITIATE.counter);
    const nonce = nonceOf(INITIATE.prefix, body.subarray(INITIATE.counter, INITIATE.box));
    const content = boxes.open(key, nonce, body.subarray(INITIATE.box));
    if (content === undefined) throw malformed("The peer sent an INITIATE whose box does not open");
    const client = content.slice(INITIATE_BOX.key, INITIATE_BOX.vouchNonce);
    this.#checkVouch(client, content, session);
    await this.#admission.ask([client]);

    const counter = new Uint8Array(8);
    this.#sent.next(counter, 0);
    const box = boxes.seal(key, nonceOf(READY.prefix, counter), this.#metadata);
    return {
      say: encodeCommand("READY", counter, box),
      isDone: true,
      metadata: content.subarray(INITIATE_BOX.metadata),
    };
  }

  /** The vouch proves that the client has the long-term key that it names, and has made it for this connection and for us. */
  #checkVouch(client: Uint8Array, content: Uint8Array, session: Session): void {
    const { boxes, secretKey, clientFresh } = session;
    const random = content.subarray(INITIATE_BOX.vouchNonce, INITIATE_BOX.vouch);
    const box = content.subarray(INITIATE_BOX.vouch, INITIATE_BOX.metadata);
    const shared = boxes.sharedKey(secretKey, client);
    const vouch = boxes.open(shared, nonceOf(VOUCH.prefix, random), box);
    const expected = join(clientFresh, this.#keys.pair(boxes).publicKey);
    if (vouch === undefined || !equalSecrets(vouch, expected)) {
      throw malformed("The peer sent an INITIATE whose vouch is not the client's");
    }
  }
}
