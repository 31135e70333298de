import type { Socket } from "../../../mod.ts";
import type { NodeContext } from "../node.ts";

/**
 * Tells what happens on a node's socket, and counts what a slow subscriber loses. Ends with the socket.
 *
 * @param vectorize How many samples a message has.
 */
export async function follow(
  socket: Socket,
  context: NodeContext,
  vectorize: number,
): Promise<void> {
  const { log } = context;
  const reader = socket.events().getReader();
  for (;;) {
    const { value: event, done } = await reader.read();
    if (done) return;
    switch (event.type) {
      case "attached":
      case "detached":
        log.debug(`Peer ${event.peer.remoteAddress} ${event.type}`);
        break;
      case "connect-failed":
        log.debug(event.reason.message);
        break;
      case "gave-up":
        log.warn(`Gave up connecting to ${event.endpoint}: ${event.reason.message}`);
        break;
      case "rejected":
        log.often("rejected", `Peer ${event.remoteAddress} rejected: ${event.reason.message}`);
        break;
      case "dropped":
        if (event.reason !== "overflow") break;
        context.dropped(
          event.count * vectorize,
          `the subscriber ${event.peer?.remoteAddress ?? ""} is too slow`,
        );
    }
  }
}
