import { SPError } from "../base/errors.ts";
import type { ProtocolId, WireProtocolId } from "../contracts/protocol.ts";
import type { Greeting, GreetingStep, Session, Wire, WireContext } from "../contracts/wire.ts";
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
  open(context: WireContext): Session {
    const { framing } = context;
    const session = { encoder: ENCODERS[framing], sizeOf };
    // The transport has seen to it that the right peer is there.
    if (framing === "message") return session;
    return {
      ...session,
      greeting: new HeaderExchange(context.protocol as SPProtocolId),
      decoder: () =>
        new FrameDecoder(
          { framing, maxMessageSize: context.maxMessageSize },
          context.lendsMemory,
        ),
    };
  },
};

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

/** Throws `EPROTO` unless the peer speaks our counterpart's protocol. */
export function checkNumber({ name, peerName, peerNumber }: SPProtocolId, number: number): void {
  if (number === peerNumber) return;
  throw new SPError(
    "EPROTO",
    `The peer's protocol is 0x${number.toString(16).padStart(2, "0")}, ` +
      `wanted ${peerName} (0x${peerNumber.toString(16)}) opposite ${name}`,
  );
}
