/** The protocols that are tested against the other implementations. A new one is one line of {@linkcode FAMILIES}. */

import {
  Bus,
  type DuplexSocket,
  Pair,
  Pair1,
  Pub,
  Pull,
  Push,
  type ReceiveSocket,
  Rep,
  Req,
  Respondent,
  type SendSocket,
  Sub,
  Surveyor,
} from "../../mod.ts";

/** One side of a protocol. */
export interface Side<S> {
  /** What nanocat's flag for it is called, without the dashes. */
  readonly name: string;
  /** One of ours. */
  open(): S;
}

/** A protocol, as two sides. */
export interface Family {
  /** Speaks first. */
  readonly left: Side<SendSocket | DuplexSocket>;
  /** Hears it, and speaks too unless the left one only tells. */
  readonly right: Side<ReceiveSocket | DuplexSocket>;
  /** The right side is silent, answers each message, or speaks when it likes. */
  readonly talk: "tells" | "asks" | "converses";
  /** Whether what is said to nobody is lost. */
  readonly loses?: boolean;
  /** Whether nanomsg does not have it. */
  readonly onlyNng?: boolean;
}

function side<S>(name: string, open: () => S): Side<S> {
  return { name, open };
}

const push = side("push", () => new Push());
const pull = side("pull", () => new Pull());
const pub = side("pub", () => new Pub());
const sub = side("sub", () => new Sub({ subscribe: "" }));
const req = side("req", () => new Req());
const rep = side("rep", () => new Rep());
const surveyor = side("surveyor", () => new Surveyor({ deadline: 20_000 }));
const respondent = side("respondent", () => new Respondent());
const pair = side("pair", () => new Pair());
const pair1 = side("pair1", () => new Pair1());
const bus = side("bus", () => new Bus());

/** All of them. */
export const FAMILIES: readonly Family[] = [
  { left: push, right: pull, talk: "tells" },
  { left: pub, right: sub, talk: "tells", loses: true },
  { left: req, right: rep, talk: "asks" },
  { left: surveyor, right: respondent, talk: "asks", loses: true },
  { left: pair, right: pair, talk: "converses" },
  { left: pair1, right: pair1, talk: "converses", onlyNng: true },
  { left: bus, right: bus, talk: "converses", loses: true },
];
