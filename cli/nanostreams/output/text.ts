/* Bytes as text that does no harm to a terminal. */
import { Buffer } from "node:buffer";

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * What a terminal may take for a command, and what changes the direction of the text around it: C0 and C1 control characters, DEL, bidirectional
 * controls, separators of lines and paragraphs.
 */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The same but for the tab, which parts columns where no terminal is. */
// deno-lint-ignore no-control-regex
const BUT_TABS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const NAMES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Bytes as UTF-8; undefined if they are none. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    return STRICT.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Shows control characters: `\n`, `\x1b`, `\u202e`. */
export function escaped(text: string, isTerminal: boolean): string {
  return text.replaceAll(isTerminal ? CONTROLS : BUT_TABS, (character) => {
    const code = character.charCodeAt(0);
    return NAMES[character] ??
      (code < 0x100
        ? `\\x${code.toString(16).padStart(2, "0")}`
        : `\\u${code.toString(16).padStart(4, "0")}`);
  });
}

/** The same within JSON, which shows only some of them by itself. */
export function escapedJson(json: string): string {
  return json.replaceAll(
    CONTROLS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Bytes that are no UTF-8: what is ASCII as it is, `\xff`. */
export function escapedBytes(bytes: Uint8Array, isTerminal: boolean): string {
  const text = Buffer.from(bytes).toString("latin1");
  return escaped(text, isTerminal).replaceAll(
    /[\xa0-\xff]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16)}`,
  );
}

/** Whether bytes are no text: no UTF-8, or with control characters that no text has. */
export function isBinary(bytes: Uint8Array): boolean {
  const text = decode(bytes);
  // deno-lint-ignore no-control-regex
  return text === undefined || /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text);
}
