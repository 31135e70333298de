/* From flags to the library's options. */
import { readFileSync } from "node:fs";
import type { SocketOptions, TlsOptions, WebSocketOptions } from "../../mod.ts";
import { EXIT, Failure } from "./ends.ts";
import type { Flags } from "./invocation.ts";

type Defined<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

/** Leaves out what has no value. */
export function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<T>;
}

/** Options of every socket. */
export function socketOptions(flags: Flags): SocketOptions {
  const keepAlive = flags.number("keep-alive");
  const mode = flags.number("ipc-mode");
  return {
    linger: flags.number("linger") ?? Infinity,
    ...defined({
      connectTimeout: flags.number("connect-timeout"),
      idleTimeout: flags.number("idle-timeout"),
      ipc: mode === undefined ? undefined : { mode },
      keepAlive: keepAlive === undefined ? undefined : { idle: keepAlive },
      maxMessageSize: flags.number("max-size"),
      maxPeers: flags.number("max-peers"),
      reconnectMax: flags.number("reconnect"),
      tls: tlsOptions(flags),
      webSocket: webSocketOptions(flags),
    }),
  };
}

/** Options of a queue out. */
export function sendOptions(flags: Flags): { sendBuffer?: number } {
  return defined({ sendBuffer: flags.number("send-buffer") });
}

/** Options of a queue in. */
export function receiveOptions(flags: Flags): { receiveBuffer?: number } {
  return defined({ receiveBuffer: flags.number("receive-buffer") });
}

function webSocketOptions(flags: Flags): WebSocketOptions | undefined {
  const headers = flags.all<readonly [string, string]>("header");
  const origins = flags.all("origin");
  const origin = origins.includes("*") ? "*" : origins;
  const options = {
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(origins.length > 0 && { origin }),
  };
  return Object.keys(options).length > 0 ? options : undefined;
}

function tlsOptions(flags: Flags): TlsOptions | undefined {
  const tls = defined({
    cert: textOf(flags, "cert"),
    key: textOf(flags, "key"),
    ca: textOf(flags, "cacert"),
    serverName: flags.text("server-name"),
    insecure: flags.has("insecure") || undefined,
    requireClientCertificate: flags.has("client-cert") || undefined,
  });
  return Object.keys(tls).length > 0 ? tls : undefined;
}

/** The text of the file that a flag names. */
export function textOf(flags: Flags, name: string): string | undefined {
  const path = flags.text(name);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const what = `cannot read --${name} ${JSON.stringify(path)}: ${(cause as Error).message}`;
    throw new Failure(EXIT.failed, what, { cause });
  }
}
