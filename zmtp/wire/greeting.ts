import { SPError } from "../../src/base/errors.ts";
import type { Greeting, GreetingStep } from "../../src/contracts/wire.ts";
import type { Mechanism, MechanismStep } from "../mechanisms/mechanism.ts";
import type { Authentication } from "../mechanisms/authentication.ts";
import type { Security } from "../security.ts";
import { checkType, type SocketType } from "../socket_types.ts";
import { COMMAND, encodeFrame, LONG, LONGEST_COMMAND, readLongSize } from "./frames.ts";
import { parseMetadata } from "./metadata.ts";

/** Bytes of a greeting (RFC 37, 2.1). */
export const GREETING_LENGTH = 64;

/** The first part of a greeting, which all versions since 2.0 share. */
const SIGNATURE_LENGTH = 10;
/** Where the mechanism's name stands, and how long it is at most. */
const MECHANISM_AT = 12;
const MECHANISM_LENGTH = 20;

const NOTHING_YET: GreetingStep = { used: 0, isDone: false };

/** Our greeting: signature, version 3.1, mechanism, who is the server. */
export function encodeGreeting(
  { name, isServer }: Pick<Mechanism, "name" | "isServer">,
): Uint8Array {
  const greeting = new Uint8Array(GREETING_LENGTH);
  greeting[0] = 0xff;
  greeting[9] = 0x7f;
  greeting[10] = 3;
  greeting[11] = 1;
  new TextEncoder().encodeInto(name, greeting.subarray(MECHANISM_AT));
  greeting[32] = isServer ? 1 : 0;
  return greeting;
}

/** What both ends of a connection have to agree on before messages go: the commands of a mechanism, which carry metadata. */
abstract class Handshake implements Greeting {
  identity?: Uint8Array<ArrayBuffer>;
  peerName?: string;
  metadata?: Readonly<Record<string, string>>;
  protected readonly mechanism: Mechanism;
  readonly #type: SocketType;
  readonly #authentication: Authentication | undefined;
  /** What the mechanism has come to, once that took a while. */
  #answer: (() => GreetingStep) | undefined;

  constructor(type: SocketType, { mechanism, authentication }: Security) {
    this.#type = type;
    this.mechanism = mechanism;
    this.#authentication = authentication;
  }

  abstract hello(): Uint8Array | undefined;

  abstract missing(received: number): string;

  read(received: Uint8Array<ArrayBuffer>): GreetingStep {
    const answer = this.#answer?.();
    this.#answer = undefined;
    if (answer?.say !== undefined || answer?.isDone === true) return answer;
    return this.step(received);
  }

  farewell(reason: SPError): Uint8Array | undefined {
    const body = this.mechanism.farewell?.(reason);
    return body && this.encode(body);
  }

  /** Reads what has come. */
  protected abstract step(received: Uint8Array<ArrayBuffer>): GreetingStep;

  /** Lays a command out. */
  protected abstract encode(body: Uint8Array): Uint8Array;

  /** The peer's greeting is right: the mechanism begins. */
  protected begin(used: number): GreetingStep {
    return this.#when(this.mechanism.begin(), used, (say) => ({ say, isDone: false }));
  }

  /** The peer's next command. */
  protected command(body: Uint8Array<ArrayBuffer>, used: number): GreetingStep {
    return this.#when(this.mechanism.receive(body), used, (step) => step);
  }

  /** Answers at once, or says what is waited for, and answers when it is over. */
  #when<T>(
    outcome: T | Promise<T>,
    used: number,
    toStep: (outcome: T) => MechanismStep,
  ): GreetingStep {
    if (!(outcome instanceof Promise)) return this.#toStep(toStep(outcome), used);
    const until = outcome.then((result) => {
      this.#answer = () => this.#toStep(toStep(result), 0);
    });
    return { used, isDone: false, until };
  }

  #toStep({ say, isDone, metadata }: MechanismStep, used: number): GreetingStep {
    if (metadata !== undefined) this.#learn(metadata);
    return { used, isDone, ...(say !== undefined && { say: this.encode(say) }) };
  }

  /** Reads what the peer says of itself. A peer that does not tell its type is believed to be the right one, as by libzmq. */
  #learn(bytes: Uint8Array<ArrayBuffer>): void {
    const properties = parseMetadata(bytes);
    const type = properties.text("Socket-Type");
    if (type !== undefined) {
      checkType(this.#type, type);
      this.peerName = type.toLowerCase();
    }
    const identity = properties.get("Identity");
    if (identity !== undefined && identity.length > 255) {
      const what = `The peer's routing id has ${identity.length} bytes, expected at most 255`;
      throw new SPError("EPROTO", what);
    }
    if (identity !== undefined && identity.length > 0) this.identity = identity;
    const { userId, metadata = {} } = this.#authentication ?? {};
    this.metadata = {
      ...properties.toRecord(),
      ...metadata,
      ...(userId !== undefined && { "User-Id": userId }),
    };
  }
}

/** On a byte stream: 64 bytes each way, then commands. Read in parts, since older peers say no more until they are answered. */
export class StreamGreeting extends Handshake {
  #part: "signature" | "version" | "mechanism" | "commands" = "signature";

  hello(): Uint8Array {
    return encodeGreeting(this.mechanism);
  }

  missing(received: number): string {
    const { name } = this.mechanism;
    if (this.#part === "commands") return `The peer has not finished the ${name} handshake`;
    const length = this.#before() + received;
    const what = `The peer sent ${length} of ${GREETING_LENGTH} bytes of its greeting`;
    // libzmq looks at our mechanism before it tells its own.
    const stopsAtMechanism = length === SIGNATURE_LENGTH || length === SIGNATURE_LENGTH + 1;
    return stopsAtMechanism ? `${what} (its security mechanism may not be ${name})` : what;
  }

  #before(): number {
    return { signature: 0, version: SIGNATURE_LENGTH, mechanism: MECHANISM_AT, commands: 0 }[
      this.#part
    ];
  }

  protected step(received: Uint8Array<ArrayBuffer>): GreetingStep {
    switch (this.#part) {
      case "signature":
        return this.#signature(received);
      case "version":
        return this.#version(received);
      case "mechanism":
        return this.#mechanism(received);
      case "commands":
        return this.#command(received);
    }
  }

  protected encode(body: Uint8Array): Uint8Array {
    return encodeFrame(COMMAND, body);
  }

  #signature(received: Uint8Array): GreetingStep {
    if (received.length === 0) return NOTHING_YET;
    if (received[0] !== 0xff) throw notZmtp(received);
    if (received.length < SIGNATURE_LENGTH) return NOTHING_YET;
    if ((received[9]! & 1) === 0) throw tooOld("1.0");
    this.#part = "version";
    return { used: SIGNATURE_LENGTH, isDone: false };
  }

  #version(received: Uint8Array): GreetingStep {
    const [major, minor] = received;
    if (major === undefined) return NOTHING_YET;
    if (major < 3) throw tooOld(major === 0 ? "1.0" : "2.0");
    if (minor === undefined) return NOTHING_YET;
    this.takesCommands = major > 3 || minor > 0;
    this.#part = "mechanism";
    return { used: MECHANISM_AT - SIGNATURE_LENGTH, isDone: false };
  }

  /** Whether the peer takes subscriptions as commands: it speaks 3.1, and not 3.0. */
  takesCommands = true;

  #mechanism(received: Uint8Array): GreetingStep {
    const rest = GREETING_LENGTH - MECHANISM_AT;
    if (received.length < rest) return NOTHING_YET;
    const given = text(received.subarray(0, MECHANISM_LENGTH)).replace(/\0+$/, "");
    if (given !== this.mechanism.name) {
      const what = `The peer's security mechanism is ${JSON.stringify(given)}`;
      throw new SPError("EPROTO", `${what}, expected "${this.mechanism.name}"`);
    }
    this.#part = "commands";
    return this.begin(rest);
  }

  /** Whether it is flagged as a command makes no difference here, as with libzmq. */
  #command(received: Uint8Array<ArrayBuffer>): GreetingStep {
    if (received.length < 2) return NOTHING_YET;
    const isLong = (received[0]! & LONG) !== 0;
    const header = isLong ? 9 : 2;
    if (received.length < header) return NOTHING_YET;
    const length = isLong ? readLongSize(received, 1) : received[1]!;
    checkLength(length);
    const end = header + length;
    if (received.length < end) return NOTHING_YET;
    return this.command(received.subarray(header, end), end);
  }
}

/** On a WebSocket (ZWS 2.0): no greeting, for the subprotocol says it all; a command is one message, behind the byte 2. */
export class WebSocketGreeting extends Handshake {
  #hasBegun = false;

  hello(): undefined {}

  missing(): string {
    return `The peer has not finished the ${this.mechanism.name} handshake`;
  }

  protected step(received: Uint8Array<ArrayBuffer>): GreetingStep {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      const step = this.begin(0);
      if (step.say !== undefined || step.until !== undefined) return step;
    }
    if (received.length === 0) return NOTHING_YET;
    checkLength(received.length - 1);
    return this.command(received.subarray(1), received.length);
  }

  protected encode(body: Uint8Array): Uint8Array {
    const message = new Uint8Array(1 + body.length);
    message[0] = 2;
    message.set(body, 1);
    return message;
  }
}

/** On a WebSocket by the subprotocol `ZWS2.0`: each end says its routing id, and no more. */
export class BareGreeting implements Greeting {
  identity?: Uint8Array<ArrayBuffer>;
  readonly #identity: Uint8Array;

  /** @param identity Our routing id, or nothing. */
  constructor(identity: Uint8Array) {
    this.#identity = identity;
  }

  hello(): Uint8Array {
    const message = new Uint8Array(1 + this.#identity.length);
    message.set(this.#identity, 1);
    return message;
  }

  read(received: Uint8Array<ArrayBuffer>): GreetingStep {
    if (received.length === 0) return NOTHING_YET;
    if (received[0] !== 0) {
      throw new SPError(
        "EPROTO",
        `The peer began with a message of flags ${received[0]}, expected 0`,
      );
    }
    if (received.length > 1 && received.length <= 256) {
      this.identity = new Uint8Array(received.subarray(1));
    }
    return { used: received.length, isDone: true };
  }

  missing(): string {
    return "The peer has not said its routing id";
  }
}

function checkLength(length: number): void {
  if (length <= LONGEST_COMMAND) return;
  const what = `The peer announced a command of ${length} bytes in the handshake`;
  throw new SPError("EMSGSIZE", `${what}, expected at most ${LONGEST_COMMAND}`);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function tooOld(version: string): SPError {
  return new SPError("EPROTO", `The peer speaks ZMTP ${version}, expected 3.0 or later`);
}

function notZmtp(received: Uint8Array): SPError {
  const seen = Array.from(received.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  const isSP = received[0] === 0 && received[1] === 0x53 && received[2] === 0x50;
  const who = isSP ? "The peer speaks SP (nanomsg)" : "The peer speaks ZMTP 1.0, or none at all";
  return new SPError("EPROTO", `${who}: it began with ${seen.join(" ")}, expected ff`);
}
