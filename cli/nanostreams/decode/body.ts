import { decode as textOf, isBinary } from "../output/text.ts";
import { quoted } from "../quoted.ts";
import { type Part, plural } from "./part.ts";

/** The longest text that is shown, in characters. */
const MOST_TEXT = 60;

/** Bytes as they are read best: their text, if they are text. */
export function shown(bytes: Uint8Array): string {
  if (bytes.length === 0) return "empty";
  const text = textOf(bytes);
  const size = plural(bytes.length, "byte");
  if (text === undefined || isBinary(bytes)) return size;
  return `${size}, ${shortened(text)}`;
}

/** Text in quotation marks, and not too much of it. */
export function shortened(text: string): string {
  return text.length > MOST_TEXT ? `${quoted(text.slice(0, MOST_TEXT))}…` : quoted(text);
}

/** What a message is about. */
export function body(bytes: Uint8Array, at: number, kind = "body"): Part {
  const text = textOf(bytes);
  return {
    at,
    bytes,
    kind,
    text: shown(bytes),
    fields: { size: bytes.length, ...(text !== undefined && { data: text }) },
  };
}
