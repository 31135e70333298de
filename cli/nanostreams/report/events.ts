/* What happens on a socket, as a sentence and as JSON. */
import type { PeerInfo, SocketEvent } from "../../../mod.ts";
import { Buffer } from "node:buffer";
import { decode, escaped, escapedJson } from "../output/text.ts";
import type { Style } from "./colours.ts";
import { counted, time } from "./figures.ts";

/** A sentence, and how it is painted. */
export interface Told {
  readonly style: Style;
  readonly text: string;
}

/** One event as a sentence, on one line: control characters are shown. */
export function tell(event: SocketEvent): Told {
  const { style, text } = sentence(event);
  return { style, text: escaped(text.charAt(0).toLowerCase() + text.slice(1), true) };
}

function sentence(event: SocketEvent): Told {
  switch (event.type) {
    case "attached":
      return event.peer.role === "connect"
        ? { style: "green", text: `connected to ${named(event.peer)}` }
        : { style: "green", text: `accepted ${named(event.peer)} at ${event.peer.endpoint}` };
    case "detached": {
      const why = event.reason === undefined ? "" : `: ${event.reason.message}`;
      return { style: "yellow", text: `lost ${named(event.peer)}${why}` };
    }
    case "rejected": {
      const { remoteAddress, endpoint, reason, count } = event;
      const who = count === 1
        ? remoteAddress
        : `${counted(count, "connection")}, the last from ${remoteAddress},`;
      return { style: "red", text: `refused ${who} at ${endpoint}: ${reason.message}` };
    }
    case "connect-failed":
      return {
        style: "yellow",
        text: `${event.reason.message}; next try in ${time(event.retryIn)}`,
      };
    case "gave-up": {
      const { endpoint, attempts, reason } = event;
      const tries = attempts === 1 ? "1 try" : `${attempts} tries`;
      return { style: "red", text: `gave up ${endpoint} after ${tries}: ${reason.message}` };
    }
    case "accept-failed": {
      const often = event.count === 1 ? "" : ` (${event.count} times)`;
      return { style: "red", text: `${event.reason.message}${often}` };
    }
    case "request-resent": {
      const { peer, attempt, reason } = event;
      const why = reason === "no-reply" ? "there was no reply" : "its peer was lost";
      return {
        style: "yellow",
        text: `sent a request again, to ${named(peer)}, the ${ordinal(attempt)} time: ${why}`,
      };
    }
    case "handler-failed": {
      const { peer, error } = event;
      return {
        style: "red",
        text: `a question of ${named(peer)} is not answered: ${textOf(error)}`,
      };
    }
    case "send-waits":
      return {
        style: "yellow",
        text: event.reason === "no-peer"
          ? "sending waits: nobody is connected"
          : "sending waits: the queues are full",
      };
    case "missed":
      return {
        style: "red",
        text: `${counted(event.count, "event")} came too fast to be reported`,
      };
    case "dropped": {
      const { peer, reason, count } = event;
      const whose = peer === undefined ? "" : ` of ${named(peer)}`;
      return { style: "red", text: `dropped ${counted(count, "message")}${whose}: ${reason}` };
    }
  }
}

/** That an address is bound, as an object. */
export function tellBound(address: string, now: Date): string {
  return escapedJson(JSON.stringify({ time: now.toISOString(), event: "bound", address }));
}

/** One event as an object, with the time. */
export function tellJson(event: SocketEvent, now: Date): string {
  const { type, ...rest } = event;
  return escapedJson(JSON.stringify({ time: now.toISOString(), event: type, ...rest }, plain));
}

/** What JSON does not show by itself: errors, bytes. Headers are left out: they may hold what is secret. */
function plain(name: string, value: unknown): unknown {
  if (name === "headers") return undefined;
  if (value instanceof Error) {
    const code = "code" in value ? { code: value.code } : {};
    return { ...code, message: value.message };
  }
  if (value instanceof Uint8Array) return decode(value) ?? { base64: base64(value) };
  return value;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/** Who it is: `tcp://127.0.0.1:40312 (push)`. */
function named({ remoteAddress, protocol, identity }: PeerInfo): string {
  if (identity === undefined || identity.length === 0) return `${remoteAddress} (${protocol})`;
  const name = decode(identity) ?? `base64 ${base64(identity)}`;
  return `${remoteAddress} (${protocol} ${JSON.stringify(name)})`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ordinal(n: number): string {
  const isTeen = n % 100 > 10 && n % 100 < 14;
  const ending = isTeen ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th";
  return `${n}${ending}`;
}
