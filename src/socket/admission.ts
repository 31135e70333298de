import type { Connection } from "../contracts/connection.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { closedError, SPError } from "../base/errors.ts";
import { Handshake, refuse } from "../pipes/handshake.ts";
import { type AcceptHook, nextPipeId, type PeerInfo } from "../surface/peer.ts";
import type { Pipe } from "../pipes/pipe.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { Greeting, Session } from "../contracts/wire.ts";

/** A connection that was admitted. */
export interface Admitted {
  /** The wire on it. */
  readonly session: Session;
  /** Who is at the other end. */
  readonly peer: PeerInfo;
  /** What the peer sent behind its greeting: bytes, or messages. */
  readonly first: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * Decides whether a connection becomes a peer: opens the wire on it, shakes hands, asks the accept hook.
 *
 * @param held Gives back the place that was reserved for the peer, if one was.
 * @param attach Makes the pipe, in the same turn as the last check. If it throws, the connection is refused.
 * @returns The pipe. Rejects if the connection is refused; it is closed then.
 */
export async function admit(
  protocol: Protocol,
  connection: Connection,
  endpoint: Endpoint,
  held: (() => void) | undefined,
  attach: (admitted: Admitted) => Pipe,
): Promise<Pipe> {
  const { accept, handshakeTimeout, maxMessageSize } = endpoint.options;
  const seat = protocol.sendQueue?.seat;
  let release = held;
  const seating = seat && {
    take: (): void => void (release ??= seat.reserve(connection.remoteAddress)),
    afterPeer: endpoint.isOpenToAll,
  };
  try {
    const session = protocol.id.wire.open({
      connection,
      protocol: protocol.id,
      maxMessageSize: connection.inProcess === true ? Infinity : maxMessageSize,
    });
    const handshake = new Handshake(connection, session, seating);
    await handshake.shake(handshakeTimeout);
    const peer = describe(protocol, connection, endpoint, handshake.peer);
    if (accept !== undefined) await handshake.decide(handshakeTimeout, ask(accept, peer));
    if (!endpoint.takesIn) throw closedError("take a peer in");
    if (handshake.over || !endpoint.isAwaiting(connection)) {
      throw new SPError("ECONNRESET", `${peer.remoteAddress} left before it was accepted`);
    }
    // From here on the pipe has the place.
    release?.();
    return attach({ session, peer, first: handshake.rest });
  } catch (error) {
    release?.();
    refuse(connection, error);
    throw error;
  }
}

function describe(
  protocol: Protocol,
  connection: Connection,
  endpoint: Endpoint,
  greeted: Greeting | undefined,
): PeerInfo {
  const { remoteAddress, localAddress, tlsName, headers, path } = connection;
  const { peerName = protocol.id.peerName, identity, metadata } = greeted ?? {};
  return {
    id: nextPipeId(),
    protocol: peerName,
    endpoint: endpoint.given,
    role: endpoint.role,
    remoteAddress,
    localAddress,
    ...(tlsName !== undefined && { tlsName }),
    ...(headers !== undefined && { headers }),
    ...(path !== undefined && { path }),
    ...(identity !== undefined && { identity }),
    ...(metadata !== undefined && { metadata }),
  };
}

/** Throws unless the hook wants the peer. */
async function ask(accept: AcceptHook, peer: PeerInfo): Promise<void> {
  const refused = `The accept hook refused ${peer.remoteAddress}`;
  let accepted: boolean;
  try {
    accepted = await accept(peer);
  } catch (cause) {
    throw new SPError("EREJECTED", `${refused}: ${String(cause)}`, { cause });
  }
  if (!accepted) throw new SPError("EREJECTED", refused);
}
