/** How deep arrays and maps may lie within each other. */
export const MAX_DEPTH = 64;

const CUT_OFF = "it ends inside a value";

/**
 * Looks through a message in MessagePack before it is decoded: whether it is one value, whole, and not too deep.
 *
 * The decoder makes an array as large as its head says, before it looks at what is there: five bytes would cost gigabytes. In
 * a message that is whole each item has a byte at least, so that a message never costs more than its size is worth.
 *
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 * @returns What is wrong, if anything is.
 */
export function findShapeFault(bytes: Uint8Array): string | undefined {
  /** How many values are still to come in each array and map around. */
  const open: number[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = bytes[at]!;
    if (head === 0xc1) return `byte 0xc1 at offset ${at}, which begins no value`;
    const width = lengthWidth(head);
    if (at + width >= bytes.length && width > 0) return CUT_OFF;
    const length = width === 0 ? fixedLength(head) : readLength(bytes, at + 1, width);
    const values = valuesWithin(head, length);
    at += 1 + width + (values === undefined ? length + typeWidth(head) : 0);
    if (values !== undefined && values > 0) {
      if (open.length === MAX_DEPTH) return `it is nested deeper than ${MAX_DEPTH} levels`;
      open.push(values);
      continue;
    }
    // A value is complete, and whatever it was the last of.
    while (open.length > 0 && --open[open.length - 1]! === 0) open.pop();
    if (open.length > 0) continue;
    if (at > bytes.length) return CUT_OFF;
    return at === bytes.length ? undefined : `${bytes.length - at} bytes follow its value`;
  }
  return CUT_OFF;
}

/** How many values an array or a map has within; for all else nothing. */
function valuesWithin(head: number, length: number): number | undefined {
  if ((head & 0xf0) === 0x80 || head === 0xde || head === 0xdf) return 2 * length;
  if ((head & 0xf0) === 0x90 || head === 0xdc || head === 0xdd) return length;
  return undefined;
}

/** How many bytes behind the head say how long the value is. */
function lengthWidth(head: number): number {
  switch (head) {
    case 0xc4: // bin 8
    case 0xc7: // ext 8
    case 0xd9: // str 8
      return 1;
    case 0xc5: // bin 16
    case 0xc8: // ext 16
    case 0xda: // str 16
    case 0xdc: // array 16
    case 0xde: // map 16
      return 2;
    case 0xc6: // bin 32
    case 0xc9: // ext 32
    case 0xdb: // str 32
    case 0xdd: // array 32
    case 0xdf: // map 32
      return 4;
    default:
      return 0;
  }
}

/** The length of a value whose head says it. */
function fixedLength(head: number): number {
  if ((head & 0xe0) === 0xa0) return head & 0x1f; // fixstr
  if ((head & 0xe0) === 0x80) return head & 0x0f; // fixmap, fixarray
  switch (head) {
    case 0xcc: // uint 8
    case 0xd0: // int 8
    case 0xd4: // fixext 1
      return 1;
    case 0xcd: // uint 16
    case 0xd1: // int 16
    case 0xd5: // fixext 2
      return 2;
    case 0xca: // float 32
    case 0xce: // uint 32
    case 0xd2: // int 32
    case 0xd6: // fixext 4
      return 4;
    case 0xcb: // float 64
    case 0xcf: // uint 64
    case 0xd3: // int 64
    case 0xd7: // fixext 8
      return 8;
    case 0xd8: // fixext 16
      return 16;
    default:
      return 0;
  }
}

/** An extension has a byte for its type. */
function typeWidth(head: number): number {
  return (head >= 0xc7 && head <= 0xc9) || (head >= 0xd4 && head <= 0xd8) ? 1 : 0;
}

function readLength(bytes: Uint8Array, at: number, width: number): number {
  let length = 0;
  for (let index = at; index < at + width; index++) length = length * 256 + bytes[index]!;
  return length;
}
