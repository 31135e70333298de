/* Runs `nanostreams decode`. */
import { readFile } from "node:fs/promises";
import { COUNTERPARTS } from "../../../zmtp/socket_types.ts";
import { EXIT, Failure } from "../ends.ts";
import type { Invocation } from "../invocation.ts";
import { writeLines } from "../lines.ts";
import { decode as textOf } from "../output/text.ts";
import { quoted } from "../quoted.ts";
import { connectionsOf, type TcpConnection } from "./capture/connections.ts";
import { isCapture, readCapture } from "./capture/files.ts";
import { type Segment, segmentOf } from "./capture/segments.ts";
import { decodeConversation, type Decoded, type Hints, type Said } from "./conversation.ts";
import { type HexText, readHexText } from "./hex_text.ts";
import { jsonLines } from "./json.ts";
import { listing, summary } from "./listing.ts";
import { plural } from "./part.ts";
import { protocolNamed, SP_NAMES } from "./sp.ts";

/** The socket types of ZMTP. */
const TYPES: readonly string[] = Object.keys(COUNTERPARTS);

/** How it is printed. */
export interface Style {
  readonly isJson: boolean;
  readonly isAll: boolean;
}

export async function run(invocation: Invocation): Promise<number> {
  const { operands, flags, stdout } = invocation;
  if (operands.length > 1) {
    throw new Failure(EXIT.usage, `decode takes one FILE, and got ${operands.length}`);
  }
  const hints = hintsOf(flags.text("wire"), flags.text("protocol"), flags.text("framing"));
  const style = { isJson: flags.has("json"), isAll: flags.has("all") };
  const bytes = await read(invocation);
  const lines = isCapture(bytes)
    ? captureLines(bytes, hints, style, flags.number("port"))
    : conversationLines(bytes, flags.has("hex"), hints, style);
  await writeLines(stdout, lines);
  return EXIT.ok;
}

/** What the flags say of the bytes. */
function hintsOf(wire?: string, name?: string, framing?: string): Hints {
  const protocol = name === undefined || wire === "zmtp" ? undefined : protocolNamed(name);
  const upper = name?.toUpperCase();
  const type = protocol === undefined && wire !== "sp" ? upper : undefined;
  if (name !== undefined && protocol === undefined && !TYPES.includes(type ?? "")) {
    const known = [...(wire === "zmtp" ? [] : SP_NAMES), ...(wire === "sp" ? [] : TYPES)];
    const what = `unknown protocol ${quoted(name)}`;
    throw new Failure(EXIT.usage, `${what}: expected one of ${known.join(", ")}`);
  }
  return { wire: wire as Hints["wire"], framing: framing as Hints["framing"], protocol, type };
}

async function read(
  { operands: [path = "-"], stdin }: Invocation,
): Promise<Uint8Array<ArrayBuffer>> {
  if (path === "-" && stdin.isTTY === true) {
    throw new Failure(
      EXIT.usage,
      "nothing to decode: name a file, or give bytes on standard input",
    );
  }
  const bytes = path === "-" ? await readAll(stdin) : await readNamed(path);
  if (bytes.length > 0) return bytes;
  const from = path === "-" ? "standard input" : quoted(path);
  throw new Failure(EXIT.failed, `nothing to decode: ${from} is empty`);
}

async function readNamed(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw new Failure(EXIT.failed, `cannot read ${quoted(path)}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

async function readAll(stdin: AsyncIterable<unknown>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of stdin) chunks.push(chunk as Uint8Array<ArrayBuffer>);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** Raw bytes of one end, or hexadecimal text of one or both. */
export function* conversationLines(
  bytes: Uint8Array<ArrayBuffer>,
  isHex: boolean,
  hints: Hints,
  style: Style,
): Generator<string> {
  const raw = isHex ? undefined : decodeConversation({ bytes }, undefined, hints);
  const hex = raw?.wire === undefined ? hexOf(bytes, isHex) : undefined;
  if (hex === undefined) return yield* show(raw!, false, style);
  const [first, second] = ([0, 1] as const).map((end): Said => ({
    bytes: hex.ends[end],
    marks: hex.turns.map((turn, order) => ({ ...turn, order }))
      .filter((turn) => turn.end === end).map(({ length, order }) => ({ end: length, order })),
  }));
  yield* show(decodeConversation(first!, second, hints), hex.ends[1].length > 0, style);
}

/** The text's bytes; undefined if it need not be hexadecimal, and is not. */
function hexOf(bytes: Uint8Array, isHex: boolean): HexText | undefined {
  const text = textOf(bytes);
  const hex = text === undefined ? undefined : readHexText(text);
  const isRight = hex !== undefined && hex.strange === undefined;
  if (isRight && hex.ends.some(({ length }) => length > 0)) return hex;
  if (!isHex) return undefined;
  const wrong = hex?.strange;
  const why = wrong !== undefined
    ? `line ${wrong.line} has ${wrong.text.length === 1 ? quoted(wrong.text) : wrong.text}`
    : text === undefined
    ? "it is not text"
    : "it has no digits";
  throw new Failure(EXIT.failed, `the input is not hexadecimal text: ${why}`);
}

function* show(decoded: Decoded, isTwoWay: boolean, { isJson, isAll }: Style): Generator<string> {
  if (isJson) return yield* jsonLines(decoded, {});
  yield* listing(decoded, { isTwoWay, isAll });
  if (decoded.wire === undefined) {
    yield "no greeting or frames of SP or ZMTP; --wire sp or --wire zmtp decodes it anyway";
  } else if (decoded.wire !== "tls") yield summary(decoded);
}

/** The connections of a capture. */
export function* captureLines(
  bytes: Uint8Array<ArrayBuffer>,
  hints: Hints,
  { isJson, isAll }: Style,
  port?: number,
): Generator<string> {
  const { packets, problem } = readCapture(bytes);
  const segments = packets.map(segmentOf).filter((one): one is Segment => one !== undefined);
  const connections = connectionsOf(segments).filter(({ client, server }) =>
    port === undefined || [client, server].some((end) => end.endsWith(`:${port}`))
  );
  const others: TcpConnection[] = [];
  let connection = 0;
  for (const one of connections) {
    const { client, server, said } = one;
    const decoded = decodeConversation(...said, hints);
    if (decoded.wire === undefined) {
      others.push(one);
      continue;
    }
    connection++;
    const ends = [client, server] as const;
    if (isJson) {
      yield* jsonLines(decoded, { connection, ends });
      continue;
    }
    if (connection > 1) yield "";
    yield `connection ${connection}: ${client} > ${server}, ${decoded.wire}, ${summary(decoded)}`;
    yield* listing(decoded, { isTwoWay: true, begin: one.time, isAll });
  }
  if (isJson) {
    for (const { client, server, said } of others) {
      const sizes = said.map(({ bytes }) => bytes.length);
      yield JSON.stringify({ wire: null, from: client, to: server, sizes });
    }
    if (problem !== undefined) yield JSON.stringify({ problem });
    return;
  }
  if (connection > 0 && others.length > 0) yield "";
  for (const { client, server, said } of others) {
    const [there, back] = said.map((each) => plural(each.bytes.length, "byte"));
    yield `not decoded: ${client} > ${server}, neither SP nor ZMTP, ${there} there, ${back} back`;
  }
  if (connections.length === 0) {
    const what = `no TCP connection in ${plural(packets.length, "packet")}`;
    yield port === undefined ? what : `${what} has port ${port}`;
  }
  if (problem !== undefined) yield `! ${problem}`;
}
