/*
 * The package `ws` takes names of subprotocols as RFC 6455 (4.1) permits them: without a slash, which ZWS has in `ZWS2.0/NULL`. Such
 * ones are asked for and answered in the headers, where `ws` is shown another.
 */
import type { ClientRequest, HttpRequest } from "./ws_api.ts";

const HEADER = "sec-websocket-protocol";
const SHOWN = "shown";

/** What a client of `ws` is told to ask for. */
export function shown(names: string[]): string[] {
  return names.some(hasSlash) ? [SHOWN] : names;
}

/** Has its request ask for what is not shown. */
export function askFor(
  names: readonly string[],
  request: ClientRequest,
  agreed: (name: string) => void,
): void {
  request.setHeader("Sec-WebSocket-Protocol", names.join(","));
  request.prependListener("upgrade", ({ headers }) => {
    const answer = headers[HEADER] as string;
    const isRight = names.includes(answer);
    headers[HEADER] = isRight ? SHOWN : "";
    if (isRight) agreed(answer);
  });
}

/** A request as a server of `ws` can read it. What it answers is for `handleProtocols` to say. */
export function showing(request: HttpRequest): HttpRequest {
  const { method, url, headers, socket } = request;
  if (!hasSlash(String(headers[HEADER]))) return request;
  return { method, url, headers: { ...headers, [HEADER]: SHOWN }, socket };
}

function hasSlash(text: string): boolean {
  return text.includes("/");
}
