/**
 * The framing once more, in the plainest way: what the fast codec is compared with, and what mock peers
 * speak.
 */

import { concat } from "./bytes.ts";

/** One message behind its prefix. */
export function frame(framing: "tcp" | "ipc", message: Uint8Array): Uint8Array<ArrayBuffer> {
  const prefix = new DataView(new ArrayBuffer(8));
  prefix.setBigUint64(0, BigInt(message.length));
  const type = framing === "ipc" ? [new Uint8Array([1])] : [];
  return concat([...type, new Uint8Array(prefix.buffer), message]);
}

/** Messages, each behind its prefix. */
export function frameAll(
  framing: "tcp" | "ipc",
  messages: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  return concat(messages.map((message) => frame(framing, message)));
}

/** All messages of a byte stream, which has to end behind one. */
export function unframeAll(framing: "tcp" | "ipc", bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
  const messages: Uint8Array<ArrayBuffer>[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    if (framing === "ipc" && bytes[at++] !== 1) throw new Error(`No frame's type at ${at - 1}`);
    const length = Number(view.getBigUint64(at));
    at += 8;
    if (at + length > bytes.length) throw new Error(`The stream ends inside a message, at ${at}`);
    messages.push(bytes.slice(at, at + length));
    at += length;
  }
  return messages;
}

/** The SP header of a protocol (sp-tcp-mapping-01, 2). */
export function spHeader(protocol: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array([0, 0x53, 0x50, 0, protocol >> 8, protocol & 0xff, 0, 0]);
}
