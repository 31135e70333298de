import { SPError } from "../../src/base/errors.ts";
import { describe } from "../../src/memory/message.ts";
import { encodeZ85 } from "../curve/z85.ts";
import type { MaybePromise, MechanismName, Status, Verdict } from "./mechanism.ts";
import { equalSecrets } from "./secrets.ts";

/** What `authenticate` is told of a peer that asks to be let in: the request of RFC 27. */
export interface AuthenticationRequest {
  /** The socket's option `domain`; empty unless it is set. */
  readonly domain: string;
  /** The peer's address. */
  readonly address: string;
  /** Our socket's routing id; empty unless it is set. */
  readonly identity: Uint8Array;
  /** How the peer proves who it is. */
  readonly mechanism: MechanismName;
  /** What it proves it with, byte for byte: nothing; name and password; or its public key. */
  readonly credentials: readonly Uint8Array<ArrayBuffer>[];
  /** With PLAIN: its name, read as UTF-8. */
  readonly username?: string;
  /** With PLAIN: its password, read as UTF-8. */
  readonly password?: string;
  /** With CURVE: its public key, as 40 characters of Z85. */
  readonly publicKey?: string;
}

/**
 * What `authenticate` says: true or 200 to let the peer in; 300 to have it try again later; false, 400 or 500 to refuse it for good.
 * In an object, `userId` and `metadata` are added to the peer's metadata.
 */
export type AuthenticationAnswer = boolean | Status | {
  readonly status: Status;
  /** Who the peer is: `User-Id` in its metadata. */
  readonly userId?: string;
  /** More to know about it. */
  readonly metadata?: Readonly<Record<string, string>>;
};

/** Decides whether a peer is let in, by what it proves. If it throws, the peer is refused. */
export type Authenticate = (request: AuthenticationRequest) => MaybePromise<AuthenticationAnswer>;

/** What the request says besides the credentials. */
export type AuthenticationContext = Pick<
  AuthenticationRequest,
  "address" | "domain" | "identity" | "mechanism"
>;

/** Who decides. */
export interface Deciders {
  /** Asked last. */
  readonly authenticate?: Authenticate | undefined;
  /** With PLAIN: passwords by name. Others are not let in. */
  readonly users?: Readonly<Record<string, string>> | undefined;
}

/** Nobody can send this password: it is too long. */
const NO_PASSWORD = "-".repeat(256);

const STATUSES: readonly unknown[] = [200, 300, 400, 500] satisfies Status[];
const EXPECTED = "expected true, false, 200, 300, 400, 500 or { status, userId, metadata }";

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** The decision about one peer, and what is known of it since. */
export class Authentication {
  /** Who the peer is, if that was said. */
  userId: string | undefined;
  /** What was said about it besides. */
  metadata: Readonly<Record<string, string>> = {};
  readonly #deciders: Deciders;
  readonly #context: AuthenticationContext;

  /**
   * @param deciders Who decides.
   * @param context What they are told besides the credentials.
   */
  constructor(deciders: Deciders, context: AuthenticationContext) {
    this.#deciders = deciders;
    this.#context = context;
  }

  /** For {@linkcode MechanismContext}. */
  readonly authenticate = async (
    credentials: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<Verdict> => {
    const { users, authenticate } = this.#deciders;
    if (users !== undefined && this.#context.mechanism === "PLAIN") {
      if (!isUser(users, credentials)) {
        return refused(400, "wrong username or password");
      }
      this.userId = text.decode(credentials[0]);
    }
    if (authenticate === undefined) return { status: 200 };
    try {
      return this.#take(await authenticate(this.#request(credentials)));
    } catch (cause) {
      return refused(500, `authenticate threw ${String(cause)}`, { cause });
    }
  };

  #request(credentials: readonly Uint8Array<ArrayBuffer>[]): AuthenticationRequest {
    const request = { ...this.#context, credentials };
    const [first, second] = credentials;
    if (request.mechanism === "PLAIN") {
      return { ...request, username: text.decode(first), password: text.decode(second) };
    }
    return request.mechanism === "CURVE" ? { ...request, publicKey: encodeZ85(first!) } : request;
  }

  #take(answer: unknown): Verdict {
    const { status, userId, metadata = {} } = typeof answer === "object" && answer !== null
      ? answer as { status?: unknown; userId?: unknown; metadata?: unknown }
      : { status: typeof answer === "boolean" ? (answer ? 200 : 400) : answer };
    if (!STATUSES.includes(status)) {
      const wrong = typeof answer === "object" && answer !== null
        ? `the status ${describe(status)}`
        : describe(answer);
      return refused(500, `authenticate answered ${wrong}, ${EXPECTED}`);
    }
    if (userId !== undefined && typeof userId !== "string") {
      const wrong = `the userId ${describe(userId)}, expected a string`;
      return refused(500, `authenticate answered ${wrong}`);
    }
    if (!isTexts(metadata)) {
      const wrong = `the metadata ${describe(metadata)}, expected an object of strings`;
      return refused(500, `authenticate answered ${wrong}`);
    }
    if (userId !== undefined) this.userId = userId;
    this.metadata = { ...metadata };
    return { status: status as Status };
  }
}

/** Whether the password is the one of that name. An unknown name takes as long as a wrong password. */
function isUser(
  users: Readonly<Record<string, string>>,
  [username, password]: readonly Uint8Array<ArrayBuffer>[],
): boolean {
  const name = text.decode(username);
  const expected = Object.hasOwn(users, name) ? users[name]! : NO_PASSWORD;
  // Bytes that are not UTF-8 decode to replacement characters, which could be somebody else's name.
  return equalSecrets(password!, utf8.encode(expected)) &&
    equalSecrets(username!, utf8.encode(name));
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === "object" && value !== null &&
    Object.values(value).every((one) => typeof one === "string");
}

function refused(status: Status, why: string, options?: ErrorOptions): Verdict {
  return { status, reason: new SPError("EREJECTED", `Refused the peer: ${why}`, options) };
}
