/* TCP segments in packets: what stands before them on Ethernet, Linux's "any" interface and loopback, and IP. */
import type { Packet } from "./files.ts";

/** A segment of TCP. */
export interface Segment {
  /** `127.0.0.1:5555`, `[::1]:5555`. */
  readonly from: string;
  readonly to: string;
  readonly sequence: number;
  readonly isFirst: boolean;
  readonly isAnswer: boolean;
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Of the payload, also where the capture has less of it. */
  readonly length: number;
  readonly time?: number | undefined;
}

const [IPV4, IPV6, TCP] = [0x0800, 0x86dd, 6];
/** VLAN tags. */
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);
/** IPv6 headers that stand before TCP: hop-by-hop, routing, destination options. */
const BEFORE_TCP: ReadonlySet<number> = new Set([0, 43, 60]);

/** The segment in a packet; undefined if it has none, or a fragment. */
export function segmentOf({ linkType, bytes, time }: Packet): Segment | undefined {
  const ip = ipOf(linkType, bytes);
  if (ip === undefined || ip.length === 0) return undefined;
  const found = ip[0]! >> 4 === 4 ? inIPv4(ip) : ip[0]! >> 4 === 6 ? inIPv6(ip) : undefined;
  if (found === undefined) return undefined;
  const { from, to, bytes: tcp, length } = found;
  if (tcp.length < 20) return undefined;
  const offset = (tcp[12]! >> 4) * 4;
  const flags = tcp[13]!;
  return {
    from: `${from}:${read16(tcp, 0)}`,
    to: `${to}:${read16(tcp, 2)}`,
    sequence: (read16(tcp, 4) * 0x10000 + read16(tcp, 6)) >>> 0,
    isFirst: (flags & 2) !== 0,
    isAnswer: (flags & 16) !== 0,
    payload: tcp.subarray(offset, Math.max(offset, length)),
    length: Math.max(0, length - offset),
    time,
  };
}

/** What IP has of a packet, by its LINKTYPE. */
function ipOf(
  linkType: number,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | undefined {
  switch (linkType) {
    case 1: {
      let at = 12;
      while (TAGS.has(read16(bytes, at))) at += 4;
      return isIp(read16(bytes, at)) ? bytes.subarray(at + 2) : undefined;
    }
    case 0: // BSD's loopback: a family, in whichever order.
    case 108:
      return bytes.subarray(4);
    case 12: // Raw IP, of which some systems have numbers of their own.
    case 14:
    case 101:
    case 228:
    case 229:
      return bytes;
    case 113: // Linux's "any".
      return isIp(read16(bytes, 14)) ? bytes.subarray(16) : undefined;
    case 276:
      return isIp(read16(bytes, 0)) ? bytes.subarray(20) : undefined;
    default:
      return undefined;
  }
}

interface Found {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** As IP has it; zero, where the network card was to fill it in, is all that is there. */
  readonly length: number;
}

function inIPv4(ip: Uint8Array<ArrayBuffer>): Found | undefined {
  const headLength = (ip[0]! & 15) * 4;
  const isFragment = (read16(ip, 6) & 0x3fff) !== 0;
  if (ip.length < 20 || headLength < 20 || ip[9] !== TCP || isFragment) return undefined;
  const total = read16(ip, 2) || ip.length;
  return {
    from: ip.subarray(12, 16).join("."),
    to: ip.subarray(16, 20).join("."),
    bytes: ip.subarray(headLength, Math.max(headLength, total)),
    length: total - headLength,
  };
}

function inIPv6(ip: Uint8Array<ArrayBuffer>): Found | undefined {
  if (ip.length < 40) return undefined;
  const total = 40 + read16(ip, 4);
  let [next, at] = [ip[6]!, 40];
  while (BEFORE_TCP.has(next) && at + 2 <= ip.length) {
    [next, at] = [ip[at]!, at + (ip[at + 1]! + 1) * 8];
  }
  if (next !== TCP) return undefined;
  const end = total === 40 ? ip.length : total;
  return {
    from: formatIPv6(ip.subarray(8, 24)),
    to: formatIPv6(ip.subarray(24, 40)),
    bytes: ip.subarray(at, Math.max(at, end)),
    length: end - at,
  };
}

/** With brackets, as the platform writes it. */
function formatIPv6(bytes: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, i) => read16(bytes, 2 * i).toString(16));
  return new URL(`http://[${words.join(":")}]`).hostname;
}

function isIp(type: number): boolean {
  return type === IPV4 || type === IPV6;
}

/** Two bytes; what is not there is zero. */
function read16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}
