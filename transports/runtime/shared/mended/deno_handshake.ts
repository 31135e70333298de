/*
 * What Deno's `node:tls` leaves to do for a server (seen with Deno 2.9.6); `tests/transports/tls_failures.test.ts` measures it.
 */
import { SPError } from "../../../../src/base/errors.ts";
import type { NetSocket } from "../node_api.ts";
import { readGreeting } from "../tls/greeting.ts";

/**
 * Lets go of a socket whose handshake has failed. Deno does not end the timer of the handshake, which until it goes off holds the
 * socket, its error and its keys, about 20 KiB; no public call ends it, so its callback is taken out. Without that, they would be
 * held for a second more than `handshakeTimeout`.
 */
export function forgetHandshake(socket: object): void {
  if (!("Deno" in globalThis)) return;
  const key = Object.getOwnPropertySymbols(socket)
    .find(({ description }) => description === "handshake-timer");
  const timer = key && (socket as Record<symbol, { _onTimeout?: unknown } | null>)[key];
  if (timer?._onTimeout) timer._onTimeout = () => {};
}

/** Waits for a client's greeting, and calls back with the name in it; it can still be read. Or tells why none has come. */
export function onGreeting(
  socket: NetSocket,
  came: (name: string | undefined) => void,
  failed: (error: Error) => void,
): void {
  let received = new Uint8Array(0);
  const settle = (): void => {
    socket.off("data", onData);
    socket.off("close", onClose);
  };
  const onData = (chunk: Uint8Array): void => {
    const whole = new Uint8Array(received.length + chunk.length);
    whole.set(received);
    whole.set(chunk, received.length);
    received = whole;
    const { isWhole, name } = readGreeting(received);
    if (!isWhole) return;
    settle();
    socket.pause();
    socket.unshift(received);
    came(name);
  };
  const onClose = (): void => {
    settle();
    failed(socket.errored ?? new SPError("ECONNRESET", "the peer hung up"));
  };
  socket.on("data", onData);
  socket.on("close", onClose);
  socket.on("error", () => {});
}
