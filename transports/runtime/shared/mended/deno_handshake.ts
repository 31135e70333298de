/*
 * Deno's `node:tls` does not end the timer of a server's handshake that fails (seen with Deno 2.9.6). Until that goes off it holds the
 * socket, its error and its keys, about 20 KiB. No public call ends it, so its callback is taken out. Without that, they would be held
 * for `handshakeTimeout`; `tests/transports/tls_failures.test.ts` measures it.
 */

/** Lets go of a socket whose handshake has failed. */
export function forgetHandshake(socket: object): void {
  if (!("Deno" in globalThis)) return;
  const key = Object.getOwnPropertySymbols(socket)
    .find(({ description }) => description === "handshake-timer");
  const timer = key && (socket as Record<symbol, { _onTimeout?: unknown } | null>)[key];
  if (timer?._onTimeout) timer._onTimeout = () => {};
}
