import type { Connection } from "../../src/contracts/connection.ts";
import type { SPError } from "../../src/base/errors.ts";

/** Something that may be there at once, or later. */
export type MaybePromise<T> = T | Promise<T>;

/** The names that stand in a greeting. */
export type MechanismName = "CURVE" | "NULL" | "PLAIN";

/**
 * A security mechanism on one connection: the commands of the handshake (RFC 37, 3.5). It takes and makes the bodies of commands, their
 * names included, and knows no frames.
 *
 * `begin` is called first, and once; no method is called while the promise of another one is pending, or after one has failed.
 */
export interface Mechanism {
  /** As it stands in the greeting. */
  readonly name: MechanismName;
  /** Whether we are the server: bound or connected makes no difference. */
  readonly isServer: boolean;
  /**
   * What we say first, once the peer's greeting is right; undefined if the peer begins.
   *
   * @throws {SPError} `EREJECTED` if we refuse the peer; `ENOTSUP` if a package is missing; `EINVAL` if our keys are wrong.
   */
  begin(): MaybePromise<Uint8Array | undefined>;
  /**
   * Takes the peer's next command.
   *
   * @throws {SPError} `EPROTO` if it is not what it should be; `EAUTH` if it says that the peer refuses us; `EREJECTED` if we refuse it.
   */
  receive(body: Uint8Array<ArrayBuffer>): MaybePromise<MechanismStep>;
  /** What a peer that is refused is told before the connection is closed; undefined for nothing. */
  farewell?(reason: SPError): Uint8Array | undefined;
  /**
   * What the connection becomes once both agree, if messages are encrypted.
   *
   * @param connection A connection for bytes, paused.
   * @param first What came behind the handshake, to be delivered before all else.
   * @param maxFrameSize The body of the largest frame to take, in bytes.
   */
  secure?(
    connection: Connection,
    first: readonly Uint8Array<ArrayBuffer>[],
    maxFrameSize: number,
  ): Connection;
}

/** What a command has come to. */
export interface MechanismStep {
  /** What we answer. */
  readonly say?: Uint8Array | undefined;
  /** Whether both ends agree now. */
  readonly isDone: boolean;
  /** The peer's metadata, if it came with this command; not yet read, so it may be malformed. */
  readonly metadata?: Uint8Array<ArrayBuffer> | undefined;
}

/** What a mechanism is told of its socket. */
export interface MechanismContext {
  /** Our metadata, as it goes into READY and INITIATE. */
  readonly metadata: Uint8Array;
  /** Decides whether to let the peer in; left out if everybody is. Never rejects. */
  readonly authenticate?:
    | ((credentials: readonly Uint8Array<ArrayBuffer>[]) => Promise<Verdict>)
    | undefined;
}

/** 200 to let a peer in, 300 to have it try again later, 400 or 500 to refuse it (RFC 27). */
export type Status = 200 | 300 | 400 | 500;

/** What was decided about a peer. */
export interface Verdict {
  readonly status: Status;
  /** Why it is refused, for our own user; the peer gets the number only. */
  readonly reason?: SPError | undefined;
}
