import type { PeerInfo, SocketEvent, SPError } from "../mod.ts";
import { foreignError, printable, withoutSecrets } from "./text.ts";

/** How urgent a line is: the method of the logger that gets it. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What is said of an event. */
export interface Line {
  readonly level: LogLevel;
  readonly text: string;
}

/** The scheme of an address. */
const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i;

/** One event as a line that begins with the socket's name. It has no byte of a message in it, and no header. */
export function lineOf(name: string, event: SocketEvent): Line {
  const { level, where, what } = sentence(event);
  const place = where === undefined ? name : `${name} ${withoutSecrets(where)}`;
  return { level, text: printable(`${place}: ${withoutSecrets(what)}`) };
}

/** How many things an event tells of. */
export function countOf(event: SocketEvent): number {
  return "count" in event ? event.count : 1;
}

/** That there was more than the lines that were written. */
export function moreOf(name: string, type: SocketEvent["type"], count: number): string {
  return printable(`${name}: ${count} more ${WHAT[type]} in the last second`);
}

/** Whether there are events of this type. */
export function isEventType(type: string): boolean {
  return Object.hasOwn(WHAT, type);
}

const WHAT: Readonly<Record<SocketEvent["type"], string>> = {
  "attached": "peers attached",
  "detached": "peers detached",
  "rejected": "connections rejected",
  "connect-failed": "tries to connect failed",
  "gave-up": "addresses given up",
  "accept-failed": "connections not accepted",
  "request-resent": "requests sent again",
  "handler-failed": "failures of handlers",
  "send-waits": "waits to send",
  "missed": "events missed",
  "dropped": "messages dropped",
};

interface Sentence {
  readonly level: LogLevel;
  /** The address that it is about. */
  readonly where?: string;
  readonly what: string;
}

function sentence(event: SocketEvent): Sentence {
  switch (event.type) {
    case "attached":
      return { level: "info", where: event.peer.endpoint, what: `${named(event.peer)} attached` };
    case "detached": {
      const { peer, reason } = event;
      const what = `${named(peer)} detached`;
      return reason === undefined
        ? { level: "info", where: peer.endpoint, what }
        : { level: "warn", where: peer.endpoint, what: `${what}: ${reason.message}` };
    }
    case "rejected": {
      const { endpoint, remoteAddress, reason, count } = event;
      const from = bare(remoteAddress, endpoint);
      const who = count === 1
        ? `connection${from === "" ? "" : ` from ${from}`}`
        : `${count} connections${from === "" ? "" : `, the last from ${from},`}`;
      return { level: "warn", where: endpoint, what: `${who} rejected: ${reason.message}` };
    }
    case "connect-failed": {
      const { endpoint, reason, retryIn } = event;
      const what = `cannot connect: ${why(reason, endpoint)}; next try in ${
        Math.round(retryIn)
      } ms`;
      return { level: "warn", where: endpoint, what };
    }
    case "gave-up": {
      const { endpoint, reason, attempts } = event;
      const what = `gave up after ${counted(attempts, "try", "tries")}: ${why(reason, endpoint)}`;
      return { level: "error", where: endpoint, what };
    }
    case "accept-failed": {
      const { endpoint, reason, count } = event;
      const often = count === 1 ? "" : ` (${count} times)`;
      return { level: "error", where: endpoint, what: `cannot accept${often}: ${reason.message}` };
    }
    case "request-resent": {
      const { peer, attempt, reason } = event;
      const since = reason === "no-reply" ? "no reply came" : "its peer was lost";
      const what = `request sent again, to ${named(peer)}, attempt ${attempt}: ${since}`;
      return { level: "warn", where: peer.endpoint, what };
    }
    case "handler-failed": {
      const { peer, error } = event;
      const what = `handler failed for ${named(peer)}: ${foreignError(error)}`;
      return { level: "error", where: peer.endpoint, what };
    }
    case "send-waits":
      return {
        level: "debug",
        what: event.reason === "no-peer"
          ? "sending waits: nobody is connected"
          : "sending waits: the queues are full",
      };
    case "missed": {
      const what = `${counted(event.count, "event")} missed: they came faster than they were read`;
      return { level: "warn", what };
    }
    case "dropped": {
      const { peer, reason, count } = event;
      const error = "error" in event && event.error !== undefined
        ? `: ${foreignError(event.error)}`
        : "";
      const what = `${counted(count, "message")} dropped (${reason})${error}`;
      return peer === undefined
        ? { level: "warn", what }
        : { level: "warn", where: peer.endpoint, what: `${named(peer)}: ${what}` };
    }
    default:
      return unknown(event);
  }
}

/** The compiler sees that no event comes here. A later version of the library may have more. */
function unknown(event: never): Sentence {
  return { level: "info", what: String((event as SocketEvent).type) };
}

/** Who it is: `peer 10.0.0.3:4711 (req)`. */
function named({ remoteAddress, endpoint, protocol }: PeerInfo): string {
  const address = bare(remoteAddress, endpoint);
  return address === "" ? `peer (${protocol})` : `peer ${address} (${protocol})`;
}

/** An address without its scheme; nothing if it tells no more than the endpoint's. */
function bare(address: string, endpoint: string): string {
  return address === endpoint ? "" : address.replace(SCHEME, "");
}

/** Why, without the address, which the line begins with. */
function why({ message }: SPError, endpoint: string): string {
  const prefix = `Cannot connect to "${endpoint}": `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
