import { SPError } from "../src/base/errors.ts";
import type { WaitOptions } from "../src/base/wait.ts";
import type { RawMessage } from "../src/memory/message.ts";
import { type Relay, relay, type Way } from "../src/socket/relay.ts";
import type { RawSocket } from "./raw.ts";
import { RAW_PROTOCOLS } from "./raw/protocols.ts";

export type {
  DirectionStats,
  Relay as Device,
  RelayStats as DeviceStats,
} from "../src/socket/relay.ts";

/**
 * Passes messages on between two raw sockets, in both directions where both can, so that patterns reach over more than
 * one step. With one socket, which must be its own kind's peer (`bus`, `pair`, `pair1`), reflects what comes.
 *
 * Requests, surveys and PAIR version 1 carry the way that they have come, and are dropped where it is longer than the
 * socket's `ttl`: a TTL of n permits n − 1 devices. A BUS message is not sent back to where it came from. Backpressure
 * passes through: a side that cannot send is not read for.
 *
 * @param a A raw socket: `new RawSocket("rep")`.
 * @param b Its counterpart: `new RawSocket("req")`. The same socket, or left out, to reflect.
 * @param options A signal that stops the device.
 * @throws {SPError} `EINVAL` if the two are no counterparts.
 *
 * @example
 * ```ts
 * import { device, RawSocket, Rep, Req } from "@nanostreams/nanostreams";
 *
 * await using front = new RawSocket("rep");
 * await using back = new RawSocket("req");
 * await front.bind("inproc://front");
 * await back.bind("inproc://back");
 * const forwarder = device(front, back);
 *
 * await using rep = new Rep();
 * rep.connect("inproc://back");
 * rep.serve((question) => question);
 * await using req = new Req();
 * req.connect("inproc://front");
 * console.log((await req.request("through")).length); // 7
 * await forwarder.stop();
 * ```
 */
export function device(a: RawSocket, b: RawSocket = a, options: WaitOptions = {}): Relay {
  if (a.protocol.peerName !== b.protocol.name) {
    throw new SPError(
      "EINVAL",
      `Cannot make a device of ${a.protocol.name} and ${b.protocol.name}: ` +
        `${a.protocol.name} needs ${a.protocol.peerName}`,
    );
  }
  const forward = receives(a) && sends(b) ? way(a, b) : undefined;
  const backward = a !== b && receives(b) && sends(a) ? way(b, a) : undefined;
  return relay(forward, backward, options.signal);
}

function receives({ protocol }: RawSocket): boolean {
  return Object.values(RAW_PROTOCOLS).some(({ id, inbound }) => id === protocol && inbound);
}

function sends({ protocol }: RawSocket): boolean {
  return Object.values(RAW_PROTOCOLS).some(({ id, routing }) => id === protocol && routing);
}

function way(from: RawSocket, to: RawSocket): Way<RawMessage> {
  return {
    receive: (until) => from.receiveBatch(until),
    send: (message, until) => to.send(message, until),
    sizeOf: ({ body }) => body.length,
  };
}
