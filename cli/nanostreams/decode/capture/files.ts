/*
 * Capture files: pcap (libpcap's savefile) and pcapng (draft-ietf-opsawg-pcapng), as tcpdump, Wireshark and dumpcap write them.
 *
 * Written here, since npm has no well-kept library for it: `pcap-parser` 0.2.1 is for pcap, `pcap-ng-parser` 1.0.0 for pcapng, both long
 * without a new version, and `pcap` is a native module.
 */

/** A packet as it was captured. */
export interface Packet {
  /** What its bytes begin with: a LINKTYPE. */
  readonly linkType: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** In seconds since 1970, where it is known. */
  readonly time?: number | undefined;
}

/** What a file has. */
export interface Capture {
  readonly packets: readonly Packet[];
  /** Why there may be more. */
  readonly problem?: string | undefined;
}

const PCAP = 0xa1b2c3d4;
const PCAP_NANOSECONDS = 0xa1b23c4d;
const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;

/** Whether a file is a capture. */
export function isCapture(bytes: Uint8Array<ArrayBuffer>): boolean {
  if (bytes.length < 4) return false;
  const view = viewOf(bytes);
  return view.getUint32(0) === SECTION || pcapOrder(view) !== undefined;
}

/** Reads a file. */
export function readCapture(bytes: Uint8Array<ArrayBuffer>): Capture {
  const isNew = bytes.length >= 4 && viewOf(bytes).getUint32(0) === SECTION;
  return isNew ? readPcapng(bytes) : readPcap(bytes);
}

/** Whether the numbers are little-endian, and how many parts a second has. */
function pcapOrder(view: DataView): { little: boolean; parts: number } | undefined {
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === PCAP) return { little, parts: 1e6 };
    if (magic === PCAP_NANOSECONDS) return { little, parts: 1e9 };
  }
  return undefined;
}

function readPcap(bytes: Uint8Array<ArrayBuffer>): Capture {
  const packets: Packet[] = [];
  const view = viewOf(bytes);
  const order = bytes.length < 24 ? undefined : pcapOrder(view);
  if (order === undefined) return { packets, problem: "the capture's header is cut off" };
  const { little, parts } = order;
  const linkType = view.getUint32(20, little) & 0xffff;
  let at = 24;
  while (at + 16 <= bytes.length) {
    const time = view.getUint32(at, little) + view.getUint32(at + 4, little) / parts;
    const length = view.getUint32(at + 8, little);
    if (at + 16 + length > bytes.length) break;
    packets.push({ linkType, bytes: bytes.subarray(at + 16, at + 16 + length), time });
    at += 16 + length;
  }
  const problem = at < bytes.length ? `the capture is cut off at byte ${at}` : undefined;
  return { packets, problem };
}

/** What an interface block says. */
interface Interface {
  readonly linkType: number;
  readonly snapLength: number;
  /** How many parts a second has. */
  readonly parts: number;
}

function readPcapng(bytes: Uint8Array<ArrayBuffer>): Capture {
  const packets: Packet[] = [];
  const view = viewOf(bytes);
  let interfaces: Interface[] = [];
  let little = true;
  let at = 0;
  while (at + 12 <= bytes.length) {
    if (view.getUint32(at) === SECTION) {
      little = view.getUint32(at + 8, true) === BYTE_ORDER;
      if (!little && view.getUint32(at + 8) !== BYTE_ORDER) break;
      interfaces = [];
    }
    const type = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    if (length < 12 || at + length > bytes.length) break;
    const block = bytes.subarray(at + 8, at + length - 4);
    if (type === 1 && block.length >= 8) interfaces.push(readInterface(block, little));
    else {
      const packet = readPacket(type, block, little, interfaces);
      if (packet !== undefined) packets.push(packet);
    }
    at += length + (4 - length % 4) % 4;
  }
  const problem = at < bytes.length
    ? `the capture is malformed or cut off at byte ${at}`
    : undefined;
  return { packets, problem };
}

function readInterface(block: Uint8Array<ArrayBuffer>, little: boolean): Interface {
  const view = viewOf(block);
  let parts = 1e6;
  for (let at = 8; at + 4 <= block.length;) {
    const [code, length] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
    const value = block[at + 4];
    if (code === 0) break;
    // if_tsresol: a power of ten, or with its high bit of two.
    if (code === 9 && value !== undefined) parts = value < 128 ? 10 ** value : 2 ** (value - 128);
    at += 4 + length + (4 - length % 4) % 4;
  }
  return { linkType: view.getUint16(0, little), snapLength: view.getUint32(4, little), parts };
}

/** Enhanced, simple and obsolete packet blocks; undefined of any other. */
function readPacket(
  type: number,
  block: Uint8Array<ArrayBuffer>,
  little: boolean,
  interfaces: readonly Interface[],
): Packet | undefined {
  const view = viewOf(block);
  if (type === 3 && block.length >= 4) {
    const [from] = interfaces;
    if (from === undefined) return undefined;
    const length = Math.min(view.getUint32(0, little), from.snapLength || Infinity);
    return { linkType: from.linkType, bytes: block.subarray(4, 4 + length) };
  }
  if ((type !== 6 && type !== 2) || block.length < 20) return undefined;
  const from = interfaces[type === 6 ? view.getUint32(0, little) : view.getUint16(0, little)];
  if (from === undefined) return undefined;
  const ticks = view.getUint32(4, little) * 2 ** 32 + view.getUint32(8, little);
  const length = view.getUint32(12, little);
  const bytes = block.subarray(20, 20 + length);
  return { linkType: from.linkType, bytes, time: ticks / from.parts };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
