import type { NetSocket } from "../node_api.ts";

/** What nng 1.x says if its address has no path, "GET  HTTP/1.1", as far as it is unlike anything else. */
const WITHOUT_PATH = new TextEncoder().encode("GET  ");
const WITH_PATH = new TextEncoder().encode("GET / ");

/**
 * Puts a path into a request for none, which HTTP does not know (RFC 9112, 3.2) and parsers refuse, and
 * which nng 1.x sends. Calls back once the connection may be handed to an HTTP server, with all that came.
 */
export function mendRequestLine(socket: NetSocket, done: () => void): void {
  let received = new Uint8Array(0);
  const onData = (chunk: Uint8Array): void => {
    received = join(received, chunk);
    const isWithout = WITHOUT_PATH.every((byte, i) => byte === (received[i] ?? byte));
    if (isWithout && received.length < WITHOUT_PATH.length) return;
    socket.off("data", onData);
    done();
    // Not put back, to be read again: Deno's HTTP server would read what comes next before it, and go wrong.
    socket.emit(
      "data",
      isWithout ? join(WITH_PATH, received.subarray(WITHOUT_PATH.length)) : received,
    );
  };
  socket.on("data", onData);
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
