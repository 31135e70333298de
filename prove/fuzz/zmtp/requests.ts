import { concat } from "../mutations.ts";
import { COMMAND, LONG, MORE } from "./bytes.ts";

/** Bytes of a greeting, which are passed over. */
const GREETING = 64;
/** How many envelopes are kept to be answered. */
const KEPT = 16;
/** A frame that is longer is no part of an envelope that anybody here makes. */
const LONGEST = 64;

/**
 * Finds what stands before the requests that a socket sends, up to the empty frame. Their bodies are never kept: what the mutator says has
 * nothing of a good peer's.
 */
export class Requests {
  /** Envelopes, the empty frame included. */
  readonly asked: Uint8Array[][] = [];
  #pending: Uint8Array = new Uint8Array(0);
  /** Bytes that are passed over: the greeting, and bodies. */
  #skip: number;
  /** The envelope under way; undefined within a body. */
  #envelope: Uint8Array[] | undefined = [];

  /** @param greeting Bytes that stand before the frames. */
  constructor(greeting: number = GREETING) {
    this.#skip = greeting;
  }

  /** Takes what came, as far as it is in order. */
  hear(chunk: Uint8Array): void {
    let bytes = this.#pending.length === 0 ? chunk : concat(this.#pending, chunk);
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length);
      this.#skip -= skipped;
      bytes = bytes.subarray(skipped);
      const header = (bytes[0] ?? 0) & LONG ? 9 : 2;
      if (this.#skip > 0 || bytes.length < header) break;
      let length = 0;
      for (let i = 1; i < header; i++) length = length * 256 + bytes[i]!;
      const isSeen = length <= LONGEST;
      if (isSeen && bytes.length < header + length) break;
      this.frame(bytes[0]!, isSeen ? bytes.slice(header, header + length) : undefined);
      this.#skip = header + length;
    }
    this.#pending = bytes.slice();
  }

  /** Takes a frame; without its body, if that is long. */
  frame(flags: number, body: Uint8Array | undefined): void {
    if ((flags & COMMAND) !== 0) return;
    const envelope = this.#envelope;
    if (body === undefined || body.length > LONGEST) this.#envelope = undefined;
    else if (envelope !== undefined) {
      envelope.push(body);
      if (body.length === 0) {
        this.asked.push(envelope);
        if (this.asked.length > KEPT) this.asked.shift();
        this.#envelope = undefined;
      }
    }
    if ((flags & MORE) === 0) this.#envelope = [];
  }
}
