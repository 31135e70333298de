/** What a command line of nngcat asks for. */

import type { ProtocolName } from "../nanocat/flags.ts";
import type { FormatName } from "../lib/formats.ts";
import type { RunSettings } from "../lib/run.ts";
import type { TlsTexts } from "../lib/tls.ts";

/** A protocol of nng's: all that nanocat has, but those that are ours alone. */
export type NngProtocol = Exclude<ProtocolName, "source" | "sink">;

/** An address, and what to do with it. */
export interface Endpoint {
  readonly side: "dial" | "listen";
  readonly address: string;
}

/** What the command line asks for. Times are in milliseconds, `Infinity` is no limit. */
export interface Settings extends RunSettings {
  readonly protocol: NngProtocol;
  /** In the order in which they stand. */
  readonly endpoints: readonly Endpoint[];
  /** Whether each address is printed when it is in use. */
  readonly isVerbose: boolean;
  /** Whether a dialer that finds nobody tries again, and is no reason to end. */
  readonly isAsync: boolean;
  readonly subscriptions: readonly string[];
  readonly format: FormatName;
  /** The largest message to take, in bytes. */
  readonly maxMessageSize: number;
  readonly data: Uint8Array | undefined;
  readonly tls: TlsTexts;
}
