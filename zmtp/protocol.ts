import { SPError } from "../src/base/errors.ts";
import type { ProtocolId, WireProtocolId } from "../src/contracts/protocol.ts";
import type { MessageLike } from "../src/memory/message.ts";
import { DEFAULT_MAX_MESSAGE_SIZE, toRoutingId, type ZmtpOptions } from "./options.ts";
import { mechanismOf, prepareSecurity } from "./security.ts";
import { checkType, COUNTERPARTS, NAMED, type SocketType } from "./socket_types.ts";
import { Heartbeats } from "./wire/heartbeat.ts";
import { encodeMetadata } from "./wire/metadata.ts";
import { Zmtp } from "./wire/wire.ts";

/** A socket's type on ZMTP's wire. */
export interface ZmtpProtocolId extends WireProtocolId {
  readonly type: SocketType;
}

/** WebSocket subprotocols by mechanism (RFC 45); there are none for CURVE. */
const SUBPROTOCOLS = {
  CURVE: [],
  NULL: ["ZWS2.0/NULL", "ZWS2.0"],
  PLAIN: ["ZWS2.0/PLAIN"],
} as const;

/** Who a socket is on the wire, and how it speaks: one for each socket, since peers are told of its options. */
export function zmtpProtocol(
  type: SocketType,
  options: ZmtpOptions & { readonly routingId?: MessageLike },
): ZmtpProtocolId {
  const identity = toRoutingId(options.routingId);
  const metadata = encodeMetadata([
    ["Socket-Type", type],
    ...(NAMED.has(type) ? [["Identity", identity] as const] : []),
  ]);
  const wire = new Zmtp({
    type,
    identity,
    heartbeats: new Heartbeats(options.heartbeat),
    security: prepareSecurity(options, metadata, identity),
  });
  // Who is asked about every peer wants to hear of its mechanism.
  const names = SUBPROTOCOLS[mechanismOf(options)]
    .filter((name) => name.includes("/") || options.authenticate === undefined);
  return {
    name: type.toLowerCase(),
    peerName: COUNTERPARTS[type].map((name) => name.toLowerCase()).join(" or "),
    type,
    wire,
    checkPeer: (theirs) => checkType(type, typeOf(theirs)),
    subprotocols: {
      connect: names,
      bind: names,
      missing: "CURVE over WebSocket is not supported: use wss://, or CURVE over tcp://",
    },
  };
}

/** The options of a ZMTP socket, as the core takes them. */
export function coreOptions<Options extends ZmtpOptions>(
  options: Options,
): Options & { maxMessageSize: number } {
  return { ...options, maxMessageSize: options.maxMessageSize ?? DEFAULT_MAX_MESSAGE_SIZE };
}

function typeOf(theirs: ProtocolId): string {
  const { type } = theirs as Partial<ZmtpProtocolId>;
  if (type !== undefined) return type;
  throw new SPError("EPROTO", `The peer is a ${theirs.name} socket of another wire than ZMTP`);
}
