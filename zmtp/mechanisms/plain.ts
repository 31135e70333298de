/** PLAIN: a name and a password in clear (RFC 24). */

import { SPError } from "../../src/base/errors.ts";
import {
  encodeCommand,
  encodeError,
  expectCommand,
  malformed,
  refusal,
  shortText,
} from "../wire/commands.ts";
import { Admission } from "./admission.ts";
import type { Mechanism, MechanismContext, MechanismStep } from "./mechanism.ts";

/** A client's name and password. */
export interface PlainCredentials {
  readonly username: string;
  readonly password: string;
}

/** A name or password has 255 bytes at most, since its length is one byte. */
const LONGEST = 255;

/**
 * How the ERROR of libzmq's PLAIN server begins: in its C string `"\x05ERROR"` the escape takes the E too. The length is 0x5e
 * then, and four letters follow.
 */
const LIBZMQ_ERROR: Uint8Array<ArrayBuffer> = new TextEncoder().encode("^RROR");

function isLibzmqError(body: Uint8Array): boolean {
  return LIBZMQ_ERROR.every((byte, at) => body[at] === byte);
}

/** The client: HELLO, INITIATE. */
export class PlainClient implements Mechanism {
  readonly name = "PLAIN";
  readonly isServer: boolean = false;
  readonly #hello: Uint8Array;
  readonly #metadata: Uint8Array;
  #expected: "WELCOME" | "READY" = "WELCOME";

  /** @throws {SPError} `EINVAL` if the name or the password is longer than 255 bytes. */
  constructor({ username, password }: PlainCredentials, { metadata }: MechanismContext) {
    checkLength("username", username);
    checkLength("password", password);
    this.#hello = encodeCommand("HELLO", shortText(username), shortText(password));
    this.#metadata = metadata;
  }

  begin(): Uint8Array {
    return this.#hello;
  }

  receive(body: Uint8Array<ArrayBuffer>): MechanismStep {
    if (isLibzmqError(body)) throw refusal(body.subarray(LIBZMQ_ERROR.length));
    const data = expectCommand(body, this.#expected, true);
    if (this.#expected === "READY") return { isDone: true, metadata: data };
    if (data.length > 0) {
      throw malformed(`The peer sent ${data.length} bytes with WELCOME, expected none`);
    }
    this.#expected = "READY";
    return { say: encodeCommand("INITIATE", this.#metadata), isDone: false };
  }
}

/** The server: WELCOME, READY. Without `authenticate` in its context it lets nobody in. */
export class PlainServer implements Mechanism {
  readonly name = "PLAIN";
  readonly isServer: boolean = true;
  readonly #admission: Admission;
  readonly #metadata: Uint8Array;
  #expected: "HELLO" | "INITIATE" = "HELLO";

  /** @param context Metadata, and who decides: it gets the name and the password. */
  constructor(context: MechanismContext) {
    this.#admission = new Admission(context);
    this.#metadata = context.metadata;
  }

  begin(): undefined {
    return undefined;
  }

  async receive(body: Uint8Array<ArrayBuffer>): Promise<MechanismStep> {
    const data = expectCommand(body, this.#expected, false);
    if (this.#expected === "INITIATE") {
      return { say: encodeCommand("READY", this.#metadata), isDone: true, metadata: data };
    }
    const credentials = parseHello(data);
    if (!this.#admission.isGuarded) {
      this.#admission.refuse(400, "no users and no authenticate were given");
    }
    await this.#admission.ask(credentials);
    this.#expected = "INITIATE";
    return { say: encodeCommand("WELCOME"), isDone: false };
  }

  /**
   * ERROR as libzmq spells it. Its clients stop for good at this one and report an authentication failure. At a well-formed one
   * they stop too, but report a protocol error (measured with libzmq 4.3.5). Clients that know only the well-formed one see a
   * malformed command instead, and close the connection as well.
   */
  farewell(): Uint8Array | undefined {
    const { told } = this.#admission;
    if (told === undefined) return undefined;
    const error = encodeError(told);
    const spelled = new Uint8Array(error.length - 1);
    spelled.set(LIBZMQ_ERROR);
    spelled.set(error.subarray(6), LIBZMQ_ERROR.length);
    return spelled;
  }
}

/** The name and the password in HELLO. */
function parseHello(data: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  let at = 0;
  const fields = ["username", "password"].map((what) => {
    const length = data[at];
    if (length === undefined) throw malformed(`The peer sent HELLO without a ${what}`);
    const field = data.slice(at + 1, at + 1 + length);
    if (field.length < length) {
      throw malformed(
        `The peer's HELLO ends within the ${what}: ${field.length} of ${length} bytes`,
      );
    }
    at += 1 + length;
    return field;
  });
  if (at < data.length) {
    throw malformed(`The peer sent ${data.length - at} bytes behind the password in HELLO`);
  }
  return fields;
}

function checkLength(what: string, text: string): void {
  const { length } = new TextEncoder().encode(text);
  if (length <= LONGEST) return;
  const limit = `a ${what} has ${LONGEST} bytes at most`;
  throw new SPError("EINVAL", `Cannot log in with a ${what} of ${length} bytes: ${limit}`);
}
