import { SPError } from "../src/base/errors.ts";
import { describe } from "../src/memory/message.ts";

/** The socket types of RFC 37 that are spoken here, as they stand in `Socket-Type`. */
export type SocketType =
  | "DEALER"
  | "PAIR"
  | "PUB"
  | "PULL"
  | "PUSH"
  | "REP"
  | "REQ"
  | "ROUTER"
  | "SUB"
  | "XPUB"
  | "XSUB";

/** Which types may be opposite (RFC 37, 3.2). */
export const COUNTERPARTS: Readonly<Record<SocketType, readonly SocketType[]>> = {
  DEALER: ["REP", "DEALER", "ROUTER"],
  PAIR: ["PAIR"],
  PUB: ["SUB", "XSUB"],
  PULL: ["PUSH"],
  PUSH: ["PULL"],
  REP: ["REQ", "DEALER"],
  REQ: ["REP", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
  SUB: ["PUB", "XPUB"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
};

/** Those that tell their `Identity`. */
export const NAMED: ReadonlySet<SocketType> = new Set<SocketType>(["DEALER", "REQ", "ROUTER"]);

/** Throws `EPROTO` unless the peer's type may be opposite ours. */
export function checkType(ours: SocketType, theirs: string): void {
  const wanted = COUNTERPARTS[ours];
  if ((wanted as readonly string[]).includes(theirs)) return;
  const what = `The peer is a ${describe(theirs)} socket`;
  throw new SPError("EPROTO", `${what}; ${ours} needs ${wanted.join(" or ")}`);
}
