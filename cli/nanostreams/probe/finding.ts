/* What a probe has found. */
import { decode as textOf, escaped, escapedJson, isBinary } from "../output/text.ts";
import { quoted } from "../quoted.ts";
import { describeProtocol } from "../decode/sp.ts";

/** Who is there. */
export interface Finding {
  readonly found: "http" | "nothing" | "sp" | "tls" | "unknown" | "websocket" | "zmtp";
  /** How long it took to connect, in milliseconds. */
  readonly roundTrip?: number | undefined;
  /** Of SP: its name, and the number on the wire. */
  readonly protocol?: string | undefined;
  readonly number?: number;
  /** Of SP: who may connect. */
  readonly peer?: string | undefined;
  /** Of ZMTP. */
  readonly version?: string | undefined;
  readonly mechanism?: string | undefined;
  readonly type?: string | undefined;
  /** Of HTTP: the first line of its answer, and its program. */
  readonly status?: string;
  readonly server?: string | undefined;
  /** Of a WebSocket: what it accepts. */
  readonly subprotocols?: readonly string[];
  /** What stands around it. */
  readonly tls?: Tls | undefined;
  /** How it begins, if that is unknown; at most 32 bytes. */
  readonly said?: Uint8Array;
  /** Why nothing is there, or what to try. */
  readonly note?: string | undefined;
}

/** TLS around a connection. */
export interface Tls {
  /** Whether the certificate is one that sockets with the same flags would trust. */
  readonly trusted: boolean;
  /** Why not. */
  readonly why?: string | undefined;
}

/** In one line. */
export function describeFinding(url: string, finding: Finding): string {
  const { tls, roundTrip, note } = finding;
  const around = tls === undefined || finding.found === "tls" ? [] : ["within TLS"];
  const trust = tls?.trusted === false
    ? [`certificate not trusted: ${tls.why ?? "no reason given"}`]
    : [];
  const time = roundTrip === undefined
    ? []
    : [`round trip ${roundTrip.toFixed(roundTrip < 10 ? 2 : 0)} ms`];
  const words = [who(finding), ...around, ...trust, ...time, ...(note === undefined ? [] : [note])];
  return escaped(`${url}: ${words.join("; ")}`, true);
}

/** As an object of JSON. */
export function findingJson(url: string, finding: Finding): string {
  const { said, roundTrip, ...rest } = finding;
  const line = JSON.stringify({
    url,
    ...rest,
    ...(roundTrip !== undefined && { roundTrip: Math.round(roundTrip * 1000) / 1000 }),
    ...(said !== undefined && { said: hexOf(said).replaceAll(" ", "") }),
  });
  return escapedJson(line);
}

function who(finding: Finding): string {
  const { found, number, protocol, version, mechanism, type, status, server } = finding;
  const { subprotocols = [], said } = finding;
  switch (found) {
    case "sp":
      return `SP, ${describeProtocol(number!)}`;
    case "zmtp":
      return [
        `ZMTP${version === undefined ? "" : ` ${version}`}`,
        ...(type === undefined ? [] : [type]),
        ...(mechanism === undefined ? [] : [`mechanism ${mechanism}`]),
      ].join(", ");
    case "http":
      return `HTTP, ${quoted(status!)}${server === undefined ? "" : `, server ${quoted(server)}`}`;
    case "websocket":
      return [
        "WebSocket",
        ...(protocol === undefined ? [] : [`SP ${protocol.toUpperCase()}`]),
        ...(type === undefined ? [] : [`ZMTP ${type}`]),
        subprotocols.length === 0
          ? "no subprotocol of SP or ZMTP"
          : `accepts ${subprotocols.join(", ")}`,
      ].join(", ");
    case "tls":
      return "TLS around something unknown";
    case "nothing":
      return "nothing";
    case "unknown":
      return said === undefined || said.length === 0
        ? "unknown server, it sends nothing"
        : `unknown server, it sends ${saidText(said)}`;
  }
}

function saidText(said: Uint8Array): string {
  const text = textOf(said);
  return text === undefined || isBinary(said) ? hexOf(said) : quoted(text.trim());
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
