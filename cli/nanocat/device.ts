/** One run of `nanocat device`, from open to close. */

import { device, type DirectionStats, RawSocket } from "../../mod.ts";
import { follow } from "../lib/describe.ts";
import { type DeviceSettings, FAMILIES } from "./device_options.ts";
import { cannot } from "../lib/failure.ts";

/**
 * Opens one socket for each address, and passes messages on until it is told to stop.
 *
 * @param settings What to pass on, and where.
 * @param stop Aborted when the user has had enough. What was passed on by then is still sent.
 * @param log Takes lines about what happens, if they are wanted.
 * @throws {Failure} when an address cannot be used.
 */
export async function runDevice(
  settings: DeviceSettings,
  stop: AbortSignal,
  log?: (line: string) => void,
): Promise<void> {
  const { family, addresses, ttl } = settings;
  const { front, back } = FAMILIES[family];
  const sockets = addresses.map((_, index) => ({
    name: index === 0 ? "front" : "back",
    socket: new RawSocket(index === 0 ? front : back, ttl === undefined ? {} : { ttl }),
  }));
  const following = log && sockets.map(({ socket, name }) => follow(socket, name, log));
  try {
    for (const [index, { side, address }] of addresses.entries()) {
      const { socket, name } = sockets[index]!;
      const where = await attach(socket, side, address);
      if (where !== undefined) log?.(`socket.${name}: bound to ${where}`);
    }
    const forwarder = device(sockets[0]!.socket, sockets[1]?.socket, { signal: stop });
    await forwarder.stopped;
    const { forward, backward } = forwarder.stats();
    log?.(describe("forward", forward));
    if (sockets.length > 1) log?.(describe("backward", backward));
  } finally {
    await Promise.all(sockets.map(({ socket }) => socket.close()));
    await Promise.all(following ?? []);
  }
}

/** Returns the address that it is bound to, if it is to be bound. */
async function attach(
  socket: RawSocket,
  side: "bind" | "connect",
  address: string,
): Promise<string | undefined> {
  try {
    if (side === "bind") return (await socket.bind(address)).address;
    socket.connect(address);
    return undefined;
  } catch (error) {
    throw cannot(side, error);
  }
}

function describe(direction: string, { messages, bytes, dropped }: DirectionStats): string {
  return `${direction}: ${messages} messages, ${bytes} bytes, ${dropped} dropped`;
}
