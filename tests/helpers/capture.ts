/** Capture files, packet by packet: pcap and pcapng, TCP on IP on several links. */

import { concat, hex } from "./bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A packet of a TCP connection between a client and a server. */
export interface Spoken {
  readonly from: "client" | "server";
  readonly sequence: number;
  readonly data?: Uint8Array;
  readonly flags?: "ack" | "syn" | "synack";
  /** As much of the data as was captured, in bytes. */
  readonly captured?: number;
  /** The client's port; 40000 if left out. */
  readonly port?: number;
}

/** What stands before IP. */
export type Link = "any" | "any2" | "ethernet" | "loopback" | "raw" | "vlan";

const LINK_TYPES: Readonly<Record<Link, number>> = {
  any: 113,
  any2: 276,
  ethernet: 1,
  loopback: 0,
  raw: 101,
  vlan: 1,
};
const FLAGS = { ack: 16, syn: 2, synack: 18 };

function u16(value: number): Bytes {
  return Uint8Array.of(value >> 8, value);
}

function u32(value: number, little = false): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, little);
  return bytes;
}

function tcp({ from, sequence, data = new Uint8Array(0), flags = "ack", port = 40000 }: Spoken) {
  const ports = from === "client" ? [port, 5555] : [5555, port];
  return concat([
    ...ports.map(u16),
    u32(sequence >>> 0),
    u32(0),
    // Six words: a header with an option.
    Uint8Array.of(0x60, FLAGS[flags]),
    u16(65535),
    u32(0),
    hex("01 01 01 00"),
    data,
  ]);
}

function ip(spoken: Spoken, isIPv6: boolean): Bytes {
  const segment = tcp(spoken);
  const isClient = spoken.from === "client";
  if (isIPv6) {
    const ends = [
      hex("20010db8 00000000 00000000 00000001"),
      hex("00000000 00000000 00000000 00000001"),
    ];
    if (!isClient) ends.reverse();
    // A header of destination options before TCP.
    const options = hex("06 00 01 04 00 00 00 00");
    return concat([
      hex("60000000"),
      u16(options.length + segment.length),
      hex("3c40"),
      ...ends,
      options,
      segment,
    ]);
  }
  const ends = [hex("7f000001"), hex("0a000002")];
  if (!isClient) ends.reverse();
  return concat([
    hex("4500"),
    u16(20 + segment.length),
    hex("00004000 40060000"),
    ...ends,
    segment,
  ]);
}

/** A packet as a link has it. */
export function packet(spoken: Spoken, link: Link = "ethernet", isIPv6 = false): Bytes {
  const type = isIPv6 ? hex("86dd") : hex("0800");
  const before: Readonly<Record<Link, Bytes>> = {
    any: concat([new Uint8Array(14), type]),
    any2: concat([type, new Uint8Array(18)]),
    ethernet: concat([new Uint8Array(12), type]),
    loopback: hex("02000000"),
    raw: new Uint8Array(0),
    vlan: concat([new Uint8Array(12), hex("8100 0007"), type]),
  };
  const whole = concat([before[link], ip(spoken, isIPv6)]);
  const { captured, data } = spoken;
  return captured === undefined ? whole : whole.slice(0, whole.length - data!.length + captured);
}

/** How a pcap file is written. */
export interface PcapOptions {
  readonly little?: boolean;
  readonly isNanoseconds?: boolean;
  readonly link?: Link;
}

/** A pcap file; its packets are a second apart. */
export function pcap(packets: readonly Uint8Array[], options: PcapOptions = {}): Bytes {
  const { little = true, isNanoseconds = false, link = "ethernet" } = options;
  const word = (value: number): Bytes => u32(value, little);
  return concat([
    word(isNanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    ...(little ? [hex("0200 0400")] : [hex("0002 0004")]),
    ...[0, 0, 65535, LINK_TYPES[link]].map(word),
    ...packets.flatMap((bytes, at) => [
      ...[1_000_000_000 + at, isNanoseconds ? 5e8 : 5e5, bytes.length, bytes.length].map(word),
      bytes,
    ]),
  ]);
}

function block(type: number, body: Uint8Array, little: boolean): Bytes {
  const padded = concat([body, new Uint8Array((4 - body.length % 4) % 4)]);
  const length = u32(12 + padded.length, little);
  return concat([u32(type, little), length, padded, length]);
}

/** A pcapng file: enhanced packet blocks of an interface that counts nanoseconds, then a simple one for the last packet. */
export function pcapng(packets: readonly Uint8Array[], little = true): Bytes {
  const word = (value: number): Bytes => u32(value, little);
  const half = (value: number): Bytes => little ? Uint8Array.of(value, value >> 8) : u16(value);
  const section = concat([word(0x1a2b3c4d), half(1), half(0), new Uint8Array(8).fill(0xff)]);
  const resolution = concat([half(9), half(1), hex("09 000000"), half(0), half(0)]);
  const stated = concat([half(1), half(0), word(0), resolution]);
  return concat([
    block(0x0a0d0d0a, section, little),
    block(1, stated, little),
    // Statistics, which are of no concern.
    block(5, new Uint8Array(12), little),
    ...packets.map((bytes, at) => {
      if (at === packets.length - 1) return block(3, concat([word(bytes.length), bytes]), little);
      const ticks = BigInt(1_000_000_000 + at) * 1_000_000_000n;
      const time = [Number(ticks >> 32n), Number(ticks & 0xffff_ffffn)].map(word);
      return block(
        6,
        concat([word(0), ...time, word(bytes.length), word(bytes.length), bytes]),
        little,
      );
    }),
  ]);
}
