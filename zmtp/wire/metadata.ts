/* Metadata is a list of properties, `nameLen(1) name valueLen(4) value` (RFC 37, 2.5). */
import { SPError } from "../../src/base/errors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Properties, in order. */
export type Properties = readonly (readonly [name: string, value: string | Uint8Array])[];

/** Lays properties out. */
export function encodeMetadata(properties: Properties): Uint8Array<ArrayBuffer> {
  const values = properties.map(([name, value]) =>
    [name, typeof value === "string" ? encoder.encode(value) : value] as const
  );
  let length = 0;
  for (const [name, value] of values) length += 5 + name.length + value.length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [name, value] of values) {
    bytes[at++] = name.length;
    encoder.encodeInto(name, bytes.subarray(at));
    view.setUint32(at += name.length, value.length);
    bytes.set(value, at += 4);
    at += value.length;
  }
  return bytes;
}

/**
 * Reads properties.
 *
 * @returns Values by their names in lower case: names differ by more than that (RFC 37, 2.5), whatever libzmq thinks.
 * @throws {SPError} `EPROTO` if they end too early.
 */
export function parseMetadata(
  bytes: Uint8Array<ArrayBuffer>,
): Map<string, Uint8Array<ArrayBuffer>> {
  const properties = new Map<string, Uint8Array<ArrayBuffer>>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const nameEnd = at + 1 + bytes[at]!;
    if (nameEnd === at + 1 || nameEnd + 4 > bytes.length) throw truncated(bytes.length);
    const name = decoder.decode(bytes.subarray(at + 1, nameEnd)).toLowerCase();
    const end = nameEnd + 4 + view.getUint32(nameEnd);
    if (end > bytes.length) throw truncated(bytes.length);
    properties.set(name, bytes.subarray(nameEnd + 4, end));
    at = end;
  }
  return properties;
}

function truncated(length: number): SPError {
  return new SPError("EPROTO", `The peer's metadata of ${length} bytes ends inside a property`);
}
