/* Hexadecimal text as people paste it: digits, `xxd`, `hexdump -C`, both ends of a conversation. */

/** What was pasted: bytes of one end, or of both. */
export interface HexText {
  /** Of the lines that begin with `>` or with neither sign, and of those that begin with `<`. */
  readonly ends: readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  /** Where the text goes over from one end to the other: how much of each was there then. */
  readonly turns: readonly { readonly end: 0 | 1; readonly length: number }[];
  /** What is no hexadecimal digit: its line, from 1, and its text. */
  readonly strange?: { readonly line: number; readonly text: string };
}

/**
 * Reads hexadecimal digits. Spaces, commas, colons, `0x` and `\x` may stand between them; `#` begins a comment; a line may begin with
 * an offset and a colon, or two spaces, and end with its text, as `xxd` and `hexdump -C` print it; `>` and `<` say whose bytes they are.
 */
export function readHexText(text: string): HexText {
  const ends: [number[], number[]] = [[], []];
  const turns: { end: 0 | 1; length: number }[] = [];
  let strange: HexText["strange"];
  text.split(/\r\n|[\n\r\u2028\u2029]/).forEach((line, i) => {
    const [, sign, said] = /^\s*([<>])?\s*(.*)$/.exec(line)!;
    const end = sign === "<" ? 1 : 0;
    const digits = digitsOf(said!);
    const wrong = /[^0-9a-f]/i.exec(digits)?.[0];
    if (wrong !== undefined || digits.length % 2 !== 0) {
      strange ??= { line: i + 1, text: wrong ?? `an odd number of digits` };
      return;
    }
    for (let at = 0; at < digits.length; at += 2) {
      ends[end].push(parseInt(digits.slice(at, at + 2), 16));
    }
    if (digits !== "") turns.push({ end, length: ends[end].length });
  });
  return {
    ends: [Uint8Array.from(ends[0]), Uint8Array.from(ends[1])],
    turns,
    ...(strange && { strange }),
  };
}

/** The digits of a line alone. */
function digitsOf(line: string): string {
  const dumped = /^(?:0x)?[0-9a-f]{4,16}(?::\s|\s\s)\s*(.*)$/i.exec(line);
  // Behind two spaces, or between bars, a dump shows the bytes as text.
  const bytes = dumped === null ? line : dumped[1]!.replace(/\s*\|.*\|\s*$/, "");
  const own = dumped === null
    ? bytes
    : bytes.replace(/(?<=[0-9a-f]{2})\s{2,}(?![0-9a-f]{2}(\s|$)).*$/i, "");
  // The last line of `hexdump -C` is an offset alone.
  if (/^[0-9a-f]{8}$/i.test(own) && dumped === null && /^0000/.test(own)) return "";
  return own.replace(/#.*$/, "").replace(/0x|\\x/gi, "").replace(/[\s,:;]/g, "");
}
