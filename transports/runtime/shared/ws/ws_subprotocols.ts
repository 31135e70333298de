/*
 * The package `ws` takes names of subprotocols as RFC 6455 (4.1) permits them: without a slash, which ZWS has in `ZWS2.0/NULL`. It is
 * shown such names with a dash instead, and the headers have them as they are.
 */

/** The header's name, as it comes. */
export const HEADER = "sec-websocket-protocol";

/** One name, or several, as `ws` takes them. */
export function shown(names: string): string {
  return names.replaceAll("/", "-");
}
