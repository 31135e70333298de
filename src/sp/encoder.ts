import type { Framing } from "../contracts/connection.ts";
import { isGone, type Outgoing } from "../memory/message.ts";
import { unshared } from "../memory/new_memory.ts";
import { disown } from "../memory/owned.ts";
import { COPY_LIMIT, type Packer } from "../memory/packer.ts";
import type { Encoder } from "../contracts/wire.ts";

/** In-band message, the only type of ipc frame there is in practice (sp-ipc-mapping-01, 3). */
export const IPC_IN_BAND = 0x01;

/** Lays messages out in a byte stream: each behind its length, and on ipc behind a byte `0x01` too. */
class FramedEncoder implements Encoder {
  readonly overhead: 8 | 9;
  readonly keepsApart: boolean = false;

  constructor(overhead: 8 | 9) {
    this.overhead = overhead;
  }

  encode(message: Outgoing, packer: Packer): void {
    const header = "body" in message ? message.header : undefined;
    const body = "body" in message ? message.body : message;
    const headerLength = header === undefined ? 0 : header.length;
    const payload = packer.payload = headerLength + body.length;
    const copied = body.length <= COPY_LIMIT;
    let at = packer.reserve(this.overhead + (copied ? payload : headerLength));
    const { slab } = packer;
    if (this.overhead === 9) slab[at++] = IPC_IN_BAND;
    const high = payload > 0xffff_ffff ? Math.floor(payload / 0x1_0000_0000) : 0;
    slab[at] = high >>> 24;
    slab[at + 1] = high >>> 16;
    slab[at + 2] = high >>> 8;
    slab[at + 3] = high;
    slab[at + 4] = payload >>> 24;
    slab[at + 5] = payload >>> 16;
    slab[at + 6] = payload >>> 8;
    slab[at + 7] = payload;
    at += 8;
    if (header !== undefined) {
      slab.set(header, at);
      at += headerLength;
    }
    if (copied) slab.set(body, at);
    else packer.borrow(body);
  }

  unpack([first, body]: readonly Uint8Array[]): Uint8Array {
    const begun = first!.subarray(this.overhead);
    return body === undefined ? begun : joined(begun, body);
  }

  isGone(message: Outgoing): boolean {
    return isGone(bodyOf(message));
  }

  share(message: Outgoing): void {
    disown(bodyOf(message));
  }
}

/** Where the connection keeps messages apart: nothing stands before them. */
class WholeEncoder implements Encoder {
  readonly overhead = 0;
  readonly keepsApart: boolean = true;

  encode(message: Outgoing, packer: Packer): void {
    const header = "body" in message ? message.header : undefined;
    const body = "body" in message ? message.body : message;
    const headerLength = header === undefined ? 0 : header.length;
    packer.payload = headerLength + body.length;
    if (headerLength === 0 && body.length > COPY_LIMIT) return packer.borrow(unshared(body));
    const at = packer.reserve(packer.payload);
    if (header !== undefined) packer.slab.set(header, at);
    packer.slab.set(body, at + headerLength);
  }

  unpack([message]: readonly Uint8Array[]): Uint8Array {
    return message!;
  }

  isGone(message: Outgoing): boolean {
    return isGone(bodyOf(message));
  }

  share(message: Outgoing): void {
    disown(bodyOf(message));
  }
}

function bodyOf(message: Outgoing): Uint8Array {
  return "body" in message ? message.body : message;
}

/** A header and a large body as one message; where there is no header, the body as it was given. */
function joined(header: Uint8Array, body: Uint8Array): Uint8Array {
  if (header.length === 0) return body;
  const whole = new Uint8Array(header.length + body.length);
  whole.set(header);
  whole.set(body, header.length);
  return whole;
}

/** By how a connection carries what it is given; shared by all that carry it alike. */
export const ENCODERS: Readonly<Record<Framing, Encoder>> = {
  tcp: new FramedEncoder(8),
  ipc: new FramedEncoder(9),
  message: new WholeEncoder(),
};
