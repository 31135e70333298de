/** What `--verbose` prints of a socket's events. */

import type { SocketEvent } from "../../mod.ts";

/** What tells of itself. */
interface Eventful {
  events(): ReadableStream<SocketEvent>;
}

/** Prints the events of a socket, as long as it has some. */
export async function follow(
  socket: Eventful,
  name: string,
  log: (line: string) => void,
): Promise<void> {
  for await (const event of socket.events()) log(`socket.${name}: ${describeEvent(event)}`);
}

/** How many it is told of together. */
function together(count: number): string {
  return count === 1 ? "" : ` (the last of ${count})`;
}

function times(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}

/** One event as one line. */
export function describeEvent(event: SocketEvent): string {
  switch (event.type) {
    case "attached":
      return `${event.peer.protocol} at ${event.peer.remoteAddress} attached`;
    case "detached": {
      const why = event.reason === undefined ? "" : `: ${event.reason.message}`;
      return `${event.peer.protocol} at ${event.peer.remoteAddress} detached${why}`;
    }
    case "rejected":
      return `${event.remoteAddress} rejected: ${event.reason.message}${together(event.count)}`;
    case "connect-failed":
      return `${event.reason.message}, next try in ${Math.round(event.retryIn)} ms`;
    case "gave-up":
      return `${event.reason.message}, no next try`;
    case "accept-failed":
      return `${event.reason.message}${together(event.count)}`;
    case "send-waits":
      return `sending waits: ${event.reason}`;
    case "missed":
      return `${times(event.count, "event")} missed`;
    case "request-resent":
      return `request sent again to ${event.peer.remoteAddress}, attempt ${event.attempt}: ${event.reason}`;
    case "handler-failed":
      return `a handler failed for ${event.peer.remoteAddress}: ${event.error}`;
    case "dropped": {
      const peer = event.peer === undefined ? "" : ` for ${event.peer.remoteAddress}`;
      return `${times(event.count, "message")}${peer} dropped: ${event.reason}`;
    }
  }
}
