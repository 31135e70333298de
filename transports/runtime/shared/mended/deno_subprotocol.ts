/*
 * `Deno.upgradeWebSocket` finds a subprotocol among those that a client offers only if the names stand apart by a comma and a space
 * (seen with Deno 2.9.6). libzmq writes no space, and HTTP has it as the client likes (RFC 9110, 5.6.1).
 * `tests/zmtp/transports/zws.test.ts` shows it.
 */

/** The request, as one that offers this subprotocol where Deno can find it. */
export function offering(request: Request, subprotocol: string | undefined): Request {
  const offered = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  if (subprotocol === undefined || offered.includes(subprotocol)) return request;
  const headers = new Headers(request.headers);
  headers.set("sec-websocket-protocol", subprotocol);
  // Deno takes no copy: it is still this request, seen with other headers.
  return Object.create(request, { headers: { value: headers } });
}
