import type { Certificates } from "../../tests/helpers/certificates.ts";

/** The transports that are attacked. */
export type Scheme = "tcp" | "ipc" | "ws" | "tls";

/** What is spoken on them. */
export type Wire = "sp" | "zmtp";

/** The largest message that a socket under attack takes, in bytes: small, so that inputs lie on both sides of it. */
export const LARGEST: number = 64 * 1024;

/** What one side of a protocol is called and says. */
export interface Speaker {
  /** `rep`; on ZMTP's wire `REP`. */
  readonly name: string;
  /** What it says in its SP header; 0 on ZMTP's wire. */
  readonly number: number;
}

/** A mechanism that is not NULL, and the side of it that a socket is on. */
export interface Security {
  readonly mechanism: "PLAIN" | "CURVE";
  readonly side: "client" | "server";
}

/** Where one socket is attacked from one side. */
export interface Place {
  /** `REP, we bind` */
  readonly name: string;
  /** The side that the socket is on: where it binds, the mutator connects. */
  readonly role: "bind" | "connect";
  /** Where to connect to, in SP's notation. Of a place to listen at, the mutator finds it. */
  readonly address: string;
  /** The socket under attack. */
  readonly victim: Speaker;
  /** What a right peer says. */
  readonly peer: Speaker;
  /** Left out for none, and where there are none. */
  readonly security?: Security;
}

/** The number of a connection: they go round the places, so that the number says which place it is. */
export function indexOf(turn: number, place: number, places: number): number {
  return turn * places + place;
}

/** An address as `node:net` takes it. */
export function whereIs(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith("ipc://")) return { path: address.slice(6) };
  const { hostname, port } = new URL(address.replace(/^[^:]+/, "http"));
  return { host: hostname, port: Number(port) };
}

/** Milliseconds between two exchanges with a good peer. */
export const PAUSE = 20;
/** How many at once connect to the mutator from each socket under attack. */
export const DIALERS = 3;

/** What a worker that is attacked is told to begin with. */
export interface OpenParameters {
  readonly scheme: Scheme;
  readonly folder: string;
  readonly certificates: Pick<Certificates, "ca" | "server">;
}
