/* The greeting of a TLS client, the ClientHello (RFC 8446, 4.1.2), read for the name of the server that it asks for (RFC 6066, 3). */

/** A record's type, and the message's in it. */
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
/** The extension, and the kind of name in it. */
const SERVER_NAME = 0;
const HOST_NAME = 0;
/** Of a record: its type, a version, its length. */
const RECORD_HEADER = 5;
/** The longest content of a record (RFC 8446, 5.1). */
const LONGEST_RECORD = 1 << 14;

/**
 * Reads as much of a greeting as there is.
 *
 * @returns Whether all of its first record is there, or it is no greeting and never will be; and the name, if it asks for one there.
 */
export function readGreeting(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly isWhole: boolean; readonly name?: string | undefined } {
  if (bytes[0] !== HANDSHAKE) return { isWhole: bytes.length > 0 };
  if (bytes.length < RECORD_HEADER) return { isWhole: false };
  const end = RECORD_HEADER + (bytes[3]! << 8 | bytes[4]!);
  if (end > RECORD_HEADER + LONGEST_RECORD) return { isWhole: true };
  if (bytes.length < end) return { isWhole: false };
  try {
    return { isWhole: true, name: readName(new Fields(bytes.subarray(RECORD_HEADER, end))) };
  } catch (error) {
    // It is cut short, or contradicts itself: TLS will say so.
    if (error instanceof RangeError) return { isWhole: true };
    throw error;
  }
}

function readName(record: Fields): string | undefined {
  if (record.number(1) !== CLIENT_HELLO) return undefined;
  const hello = record.fields(3);
  // A version, and what is random.
  hello.skip(2 + 32);
  // The session, the cipher suites, the ways to compress.
  for (const size of [1, 2, 1] as const) hello.fields(size);
  const extensions = hello.fields(2);
  while (!extensions.isEmpty) {
    const type = extensions.number(2);
    const content = extensions.fields(2);
    if (type !== SERVER_NAME) continue;
    const names = content.fields(2);
    if (names.number(1) !== HOST_NAME) return undefined;
    return new TextDecoder("latin1").decode(names.fields(2).rest);
  }
  return undefined;
}

/** Bytes that are taken from the front; throws a `RangeError` when there are too few. */
class Fields {
  /** What has not been taken. */
  rest: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.rest = bytes;
  }

  get isEmpty(): boolean {
    return this.rest.length === 0;
  }

  skip(length: number): Uint8Array {
    if (length > this.rest.length) throw new RangeError("too few bytes");
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }

  /** A number, the largest byte first. */
  number(size: 1 | 2 | 3): number {
    return this.skip(size).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** What stands behind its length, a number of so many bytes. */
  fields(size: 1 | 2 | 3): Fields {
    return new Fields(this.skip(this.number(size)));
  }
}
