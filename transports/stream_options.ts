/* The options of connections that the operating system makes: their rules and defaults, and what adapters are told. */
import type { ResolvedEndpointOptions } from "../src/surface/options.ts";
import { BOOLEAN, integer } from "../src/base/rules.ts";
import type { TransportContext, TransportRules } from "../src/contracts/transport.ts";
import { KEEP_ALIVE, keepAliveOf } from "./keep_alive.ts";
import type { KeepAliveOptions } from "./options.ts";
import type { StreamOptions } from "./runtime.ts";

/** Rules of sockets in the file system. */
export const FILE_RULES: TransportRules = { bind: { backlog: integer(1, 65535) } };

/** Rules of TCP. */
export const TCP_RULES: TransportRules = {
  ...FILE_RULES,
  endpoint: { keepAlive: KEEP_ALIVE, noDelay: BOOLEAN },
};

/** TCP's own options, filled in. */
export function tcpOptions(
  { noDelay = true, keepAlive = true }: ResolvedEndpointOptions,
): { noDelay: boolean; keepAlive: KeepAliveOptions | false } {
  return { noDelay, keepAlive: keepAliveOf(keepAlive) };
}

/** What an adapter needs of an endpoint's options. */
export function streamOptions(
  options: ResolvedEndpointOptions,
  { signal }: TransportContext,
): StreamOptions {
  return { ...tcpOptions(options), backlog: options.backlog, signal };
}
