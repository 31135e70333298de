/** Control characters, and what ends a line elsewhere. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;
/** The user, and the query, of an address: both may hold a password or a token. */
const USER = /(\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#"]*@/gi;
const QUERY = /(\b[a-z][a-z\d+.-]*:\/\/[^\s?"]*\?)[^\s"]+/gi;
/** Text in quotes, from the first to the last. An apostrophe within a word is none. */
const QUOTED = [/"[^]*"/, /(?<!\w)'[^]*'/, /`[^]*`/];

/** The longest text of an error, in characters. */
const LONGEST = 300;

/** An address, or a text with addresses in it, without what may be secret. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(USER, "$1…@").replaceAll(QUERY, "$1…");
}

/** Text on one line that can be printed anywhere: control characters are written as `\x1b`. */
export function printable(text: string): string {
  return text.replaceAll(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/**
 * What somebody else's code threw, in a few words. What is in quotes is left out, since parsers quote what they were given,
 * which is a message.
 */
export function foreignError(error: unknown): string {
  try {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : typeof error;
    const bare = QUOTED.reduce((rest, quoted) => rest.replace(quoted, "“…”"), text);
    return bare.length > LONGEST ? `${bare.slice(0, LONGEST)}…` : bare;
  } catch {
    return "an error that has no text";
  }
}
