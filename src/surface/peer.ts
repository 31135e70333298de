import type { ConnectionInfo } from "../contracts/connection.ts";

/** Who a socket is connected to: what the accept hook judges, what events and statistics name. */
export interface PeerInfo extends ConnectionInfo {
  /** Unique within this process; 31 bits, as REQ/REP and SURVEY put it into a backtrace. */
  readonly id: number;
  /** The peer's protocol: `"pull"`, `"rep"`. */
  readonly protocol: string;
  /** The address that was given to `bind` or `connect`. */
  readonly endpoint: string;
  /** Which side we are: `"connect"` if we dialled, `"bind"` if the peer did. */
  readonly role: "bind" | "connect";
  /** What the peer calls itself, on a wire that has such. */
  readonly identity?: Uint8Array<ArrayBuffer>;
  /** What else the peer has told of itself, by name, on a wire that has such. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Stands where messages have no peer in common. */
export const NOBODY: PeerInfo = {
  id: 0,
  protocol: "",
  endpoint: "",
  role: "connect",
  remoteAddress: "",
  localAddress: "",
};

/** Decides, before a peer joins, whether it may. */
export type AcceptHook = (peer: PeerInfo) => boolean | Promise<boolean>;

let lastId = Math.floor(Math.random() * 0x8000_0000);

/** The next pipe id: 31 bits from a random start, never 0 (sp-request-reply-01, 5.2). */
export function nextPipeId(): number {
  lastId = (lastId + 1) & 0x7fff_ffff;
  return lastId === 0 ? nextPipeId() : lastId;
}
