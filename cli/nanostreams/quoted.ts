/* Text of others, as it may be shown: no control character reaches a terminal. */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Control characters that JSON leaves as they are, what ends lines, and what turns the direction of writing. */
const UNSEEN = /[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text in quotation marks, with escapes for what cannot be seen. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(UNSEEN, escape);
}

/** Text with escapes for what cannot be seen, without quotation marks. */
export function escaped(text: string): string {
  return quoted(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("\\\\", "\\");
}

/** Bytes as text, if they are UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether text has characters that are there for machines, and not to be read. */
export function hasControls(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
