/* What a line, or the text of --data, says: the frames of a message. */
import { Buffer } from "node:buffer";
import type { Flags } from "../invocation.ts";
import type { Frames } from "../messages.ts";

/** Makes a message of a line; throws an `Error` that says what is wrong with it. */
export type Decoder = (line: Uint8Array) => Frames;

/** The decoder that the flags ask for. */
export function decoderOf(flags: Flags): Decoder {
  if (flags.has("ndjson")) return (line) => fromJson(textOf(line));
  if (flags.has("hex")) return (line) => textOf(line).split(",").map(fromHex);
  if (flags.has("base64")) return (line) => textOf(line).split(",").map(fromBase64);
  return (line) => [line];
}

const textOf = (line: Uint8Array): string => Buffer.from(line).toString("utf8").trim();
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function fromHex(text: string): Uint8Array {
  const digits = text.replaceAll(/[\s:]/g, "").replace(/^0x/i, "");
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) throw new Error(`no hexadecimal digits: ${shown(text)}`);
  return new Uint8Array(Buffer.from(digits, "hex"));
}

function fromBase64(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, "");
  const isRight = /^[\w+/-]*={0,2}$/.test(digits) && digits.replaceAll("=", "").length % 4 !== 1;
  if (!isRight) throw new Error(`no base64: ${shown(text)}`);
  return new Uint8Array(Buffer.from(digits, "base64"));
}

/** A text is itself; what `--json` prints is that message; anything else is its JSON. */
function fromJson(line: string): Frames {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`no JSON: ${shown(line)}`, { cause });
  }
  if (typeof value === "object" && value !== null && "frames" in value) {
    const { frames } = value;
    if (!Array.isArray(frames) || frames.length === 0) {
      throw new Error(`"frames" is not a list of frames: ${shown(line)}`);
    }
    return frames.map((frame) => frameOf(frame) ?? bytesOf(JSON.stringify(frame)));
  }
  return [frameOf(value) ?? bytesOf(JSON.stringify(value))];
}

function frameOf(value: unknown): Uint8Array | undefined {
  if (typeof value === "string") return bytesOf(value);
  if (typeof value !== "object" || value === null) return undefined;
  if ("data" in value && typeof value.data === "string") return bytesOf(value.data);
  if ("base64" in value && typeof value.base64 === "string") return fromBase64(value.base64);
  return undefined;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
