/* `{{n}}`, `{{time}}` and `{{uuid}}` in what is sent. */
import { Buffer } from "node:buffer";

const PLACE = /\{\{(n|time|uuid)\}\}/g;

/** Fills a message in; others of its places stay as they are. @param n The how manieth message it is, from 1. */
export function expand(message: Uint8Array, n: number): Uint8Array {
  // One character a byte: what is no UTF-8 stays as it is.
  const text = Buffer.from(message).toString("latin1");
  if (!text.includes("{{")) return message;
  const filled = text.replaceAll(PLACE, (_, place: string) => {
    if (place === "n") return String(n);
    return place === "time" ? new Date().toISOString() : crypto.randomUUID();
  });
  return new Uint8Array(Buffer.from(filled, "latin1"));
}
