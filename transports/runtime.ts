import type { Connection } from "../src/contracts/connection.ts";
import type { SPError } from "../src/base/errors.ts";
import type { HostPort } from "./host_port.ts";
import type { KeepAliveOptions } from "./options.ts";

/**
 * Where to connect to, or what to bind. Adapters are given no names of interfaces: `local` is a numeric address, and where a `family` is
 * asked for, `host` is one as well.
 */
export type StreamTarget =
  | HostPort & {
    readonly kind: "tcp";
    readonly scheme: string;
  }
  | {
    readonly kind: "unix";
    readonly scheme: string;
    /** A path; one that begins with a zero byte is a Linux abstract name. */
    readonly path: string;
    /** What addresses say instead of the path. */
    readonly name?: string;
  };

/** What a stream transport wants of its connections. */
export interface StreamOptions {
  readonly noDelay: boolean;
  /** How idle connections are probed; what is left out as the runtime does best. */
  readonly keepAlive: KeepAliveOptions | false;
  readonly signal: AbortSignal;
  /** How many connections wait to be accepted; the runtime's default if left out. */
  readonly backlog?: number | undefined;
}

/** Who hears of connections. */
export interface StreamListenerSink {
  connection(connection: Connection): void;
  failed(reason: SPError): void;
}

/** A listener of the runtime. */
export interface StreamListener {
  /** The port that was bound; 0 for a path. */
  readonly port: number;
  /** The host that was bound, as a number; empty for a path. */
  readonly host: string;
  /** Stops listening; connections go on. */
  close(): Promise<void>;
}

/** What a runtime adapter gives: connections over TCP and over sockets in the file system. */
export interface StreamRuntime {
  /** The adapter's name: `"node"`. */
  readonly name: string;
  /** Connects; rejects with what the runtime threw. An abort of the signal rejects with its reason. */
  connect(target: StreamTarget, options: StreamOptions): Promise<Connection>;
  /** Binds; rejects with what the runtime threw. */
  listen(
    target: StreamTarget,
    options: StreamOptions,
    sink: StreamListenerSink,
  ): Promise<StreamListener>;
}
