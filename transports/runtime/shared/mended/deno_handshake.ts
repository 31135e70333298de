/*
 * What Deno's `node:tls` leaves to do when a handshake fails. It does not end the timer (seen with Deno 2.9.6), which until it goes off holds the
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

/** Gives the error of a client that speaks no TLS its code, which Deno gives only where it does not choose a certificate by name. */
export function withGreetingCode(error: Error): Error {
  const speaksNoTls = "Deno" in globalThis && error.message.includes("InvalidContentType");
  return speaksNoTls ? Object.assign(error, { code: "ERR_SSL_WRONG_VERSION_NUMBER" }) : error;
}
