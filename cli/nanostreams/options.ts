/* From flags to the library's options. */
import { readFileSync } from "node:fs";
import type { SocketOptions, TlsOptions } from "../../mod.ts";
import { EXIT, Failure } from "./ends.ts";
import type { Flags } from "./invocation.ts";

/** Takes what has a value. */
function defined<T extends object>(values: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as ReturnType<typeof defined<T>>;
}

/** Options of every socket. */
export function socketOptions(flags: Flags): SocketOptions {
  const headers = flags.all<readonly [string, string]>("header");
  const keepAlive = flags.number("keep-alive");
  const tls = tlsOptions(flags);
  return {
    ...defined({ maxMessageSize: flags.number("max-size") }),
    ...(headers.length > 0 && { webSocket: { headers: Object.fromEntries(headers) } }),
    ...(keepAlive !== undefined && { keepAlive: { idle: keepAlive } }),
    ...(tls !== undefined && { tls }),
    linger: flags.number("linger") ?? Infinity,
  };
}

/** Options of a socket's queues. */
export function queueOptions(flags: Flags): { sendBuffer?: number; receiveBuffer?: number } {
  return defined({
    sendBuffer: flags.number("send-buffer"),
    receiveBuffer: flags.number("receive-buffer"),
  });
}

function tlsOptions(flags: Flags): TlsOptions | undefined {
  const [cert, key, ca] = ["cert", "key", "cacert"].map((name) => readText(flags.text(name)));
  const serverName = flags.text("server-name");
  const insecure = flags.has("insecure") || undefined;
  const tls = defined({ cert, key, ca, serverName, insecure });
  return Object.keys(tls).length > 0 ? tls : undefined;
}

function readText(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new Failure(EXIT.failed, `cannot read "${path}": ${(cause as Error).message}`, { cause });
  }
}
