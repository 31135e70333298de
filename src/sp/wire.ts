import { SPError } from "../base/errors.ts";
import type { ProtocolId, WireProtocolId } from "../contracts/protocol.ts";
import type {
  Decoder,
  Encoder,
  Greeting,
  GreetingStep,
  Session,
  Wire,
  WireContext,
} from "../contracts/wire.ts";
import { ENCODERS } from "./encoder.ts";
import { FrameDecoder } from "./framing.ts";
import { decodeSPHeader, encodeSPHeader, SP_HEADER_LENGTH } from "./header.ts";

/** A protocol of SP, with its number: sp-protocol-ids-01's. */
export interface SPProtocolId extends ProtocolId {
  /** What this side says in its SP header. */
  readonly number: number;
  /** What a peer must say in its SP header. */
  readonly peerNumber: number;
}

/** The same, spoken on SP's wire. */
export interface SPProtocol extends SPProtocolId, WireProtocolId {}

/** nanomsg's wire: eight bytes from both ends at once (sp-tcp-mapping-01, 2), then messages behind their lengths. */
export const SP: Wire = {
  name: "sp",
  open: (context: WireContext): Session =>
    context.connection.framing === "message" ? WHOLE_MESSAGES : new SPSession(context),
};

/** Where each chunk is a message, the transport has seen to it that the right peer is there. */
const WHOLE_MESSAGES: Session = { encoder: ENCODERS.message, sizeOf };

/** One for each peer, so it holds little. */
class SPSession implements Session {
  readonly sizeOf: Session["sizeOf"] = sizeOf;
  readonly #context: WireContext;

  constructor(context: WireContext) {
    this.#context = context;
  }

  get encoder(): Encoder {
    return ENCODERS[this.#context.connection.framing];
  }

  get greeting(): Greeting {
    return new HeaderExchange(this.#context.protocol as SPProtocolId);
  }

  decoder(): Decoder {
    const { maxMessageSize, connection } = this.#context;
    const { framing, lendsMemory } = connection;
    return new FrameDecoder({ framing: framing as "tcp" | "ipc", maxMessageSize }, lendsMemory);
  }
}

function sizeOf(message: object): number {
  return (message as Uint8Array).length;
}

/** Both sides send their header, and then check the other's. */
class HeaderExchange implements Greeting {
  readonly #protocol: SPProtocolId;

  constructor(protocol: SPProtocolId) {
    this.#protocol = protocol;
  }

  hello(): Uint8Array {
    return encodeSPHeader(this.#protocol.number);
  }

  read(received: Uint8Array<ArrayBuffer>): GreetingStep {
    const number = decodeSPHeader(received);
    if (number === undefined) return { used: 0, isDone: false };
    checkNumber(this.#protocol, number);
    return { used: SP_HEADER_LENGTH, isDone: true };
  }

  missing(received: number): string {
    const count = Math.min(received, SP_HEADER_LENGTH);
    return `The peer sent ${count} of ${SP_HEADER_LENGTH} bytes of its header`;
  }
}

/** Throws `EPROTO` unless the peer speaks our counterpart's protocol; undefined stands for one of another wire. */
export function checkNumber(
  { name, peerName, peerNumber }: SPProtocolId,
  number: number | undefined,
): void {
  if (number === peerNumber) return;
  const theirs = number === undefined
    ? "another wire"
    : `protocol 0x${number.toString(16).padStart(2, "0")}`;
  const needed = `${peerName.toUpperCase()} (0x${peerNumber.toString(16)})`;
  throw new SPError("EPROTO", `The peer speaks ${theirs}; ${name.toUpperCase()} needs ${needed}`);
}
