/* A conversation as lines to read: offset, bytes, what they are. */
import { escaped } from "../output/text.ts";
import type { Decoded, Line } from "./conversation.ts";
import { countMessages, type Part, plural } from "./part.ts";

/** Bytes in a row of a body, and of what stands before one. */
const ROW = 8;
const HEAD_ROW = 10;
const HEX_WIDTH = HEAD_ROW * 3 - 1;

/** Rows of a part, unless all are wanted. */
const MOST_ROWS = 4;

/** How a listing is made. */
export interface ListingOptions {
  /** Whether both ends are there, so that each line says whose it is. */
  readonly isTwoWay: boolean;
  /** When it began, in seconds, to count times from. */
  readonly begin?: number | undefined;
  /** Whether whole bodies are shown. */
  readonly isAll: boolean;
}

/** Lists a conversation. */
export function* listing(decoded: Decoded, options: ListingOptions): Generator<string> {
  for (const line of decoded.lines) yield* listPart(line, line.part, 0, options);
}

/** How many messages and problems there are. */
export function summary({ lines, problems }: Decoded): string {
  const count = [0, 1].reduce(
    (sum, end) =>
      sum + countMessages(lines.filter((line) => line.end === end).map(({ part }) => part)),
    0,
  );
  const encrypted = lines.filter(({ part }) => part.kind === "command MESSAGE").length;
  return [
    ...(encrypted > 0 ? [`${plural(encrypted, "encrypted frame")}`] : [plural(count, "message")]),
    ...(problems > 0 ? [plural(problems, "problem")] : []),
  ].join(", ");
}

function* listPart(
  line: Line,
  part: Part,
  depth: number,
  options: ListingOptions,
): Generator<string> {
  const { kind, text, problem, parts = [] } = part;
  const side = options.isTwoWay ? line.end === 0 ? "> " : "< " : "";
  const indent = "  ".repeat(depth);
  const rows = [...rowsOf(part, options.isAll)];
  const time = depth === 0 ? timeOf(line, options) : "";
  const said = escaped(`${indent}${kind}${text === "" ? "" : `: ${text}`}${time}`, true);
  const { at = part.at, hex = "" } = rows.shift() ?? {};
  yield `${side}${offset(at)}  ${hex.padEnd(HEX_WIDTH)}  ${said}`;
  for (const row of rows) yield `${side}${offset(row.at)}  ${row.hex}`.trimEnd();
  if (problem !== undefined) {
    yield `${side}${" ".repeat(10)}${"".padEnd(HEX_WIDTH)}  ${indent}! ${problem}`;
  }
  for (const one of parts) yield* listPart(line, one, depth + 1, options);
}

function timeOf({ time }: Line, { begin }: ListingOptions): string {
  return time === undefined || begin === undefined ? "" : `  (+${(time - begin).toFixed(6)} s)`;
}

function offset(at: number): string {
  return at.toString(16).padStart(8, "0");
}

function* rowsOf(part: Part, isAll: boolean): Generator<{ at: number; hex: string }> {
  const { bytes, isText, isSecret } = part;
  const width = bytes.length <= HEAD_ROW ? HEAD_ROW : ROW;
  const isZero = bytes.length > ROW && bytes.every((byte) => byte === 0);
  const most = isAll ? Infinity : isText || isZero ? 1 : MOST_ROWS;
  for (let at = 0, row = 0; at < bytes.length; at += width, row++) {
    const left = bytes.length - at;
    if (row === most - 1 && left > width) {
      const rest = left - (isText || isZero ? width : 0);
      if (rest < left) {
        yield {
          at: part.at + at,
          hex: hexOf(bytes.subarray(at, at + width - 1), isSecret) + " ..",
        };
      } else yield { at: part.at + at, hex: `.. ${plural(rest, "more byte")}` };
      return;
    }
    yield { at: part.at + at, hex: hexOf(bytes.subarray(at, at + width), isSecret) };
  }
}

/** Of a secret only how long it is. */
function hexOf(bytes: Uint8Array, isSecret = false): string {
  return Array.from(bytes, (byte) => isSecret ? "**" : byte.toString(16).padStart(2, "0")).join(
    " ",
  );
}
