/** Who may come in, as both sides need to know it: names, passwords and keys. */

import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { curveKeyPair, type CurveOptions, type PlainOptions } from "../../../zmtp/mod.ts";
import type { Wiretap } from "./wiretap.ts";
import { sharedProcess, type ZProcess } from "../peers/zeromq.ts";

const running = sharedProcess();
let prepared: Promise<unknown> | undefined;

/** The process, with a ZAP handler that knows one user, and takes every key. */
export async function zeromq(): Promise<ZProcess> {
  const z = await running();
  await (prepared ??= z.zap([
    { user: "admin", password: "secret", status: "200", userId: "admin" },
    { user: "admin", status: "400" },
    { user: "later", status: "300" },
    { user: "broken", status: "500" },
    { status: "200" },
  ]));
  return z;
}

export const CREDENTIALS = { username: "admin", password: "secret" };
export const WRONG = { username: "admin", password: "guess" };
export const SERVER = { server: true as const, users: { admin: "secret" } };
export const ADMIN = { plainUsername: "admin", plainPassword: "secret" };
export const GUESS = { plainUsername: "admin", plainPassword: "guess" };
export const PLAIN_SERVER = { plainServer: true, zapDomain: "global" };
export const AGAIN = { reconnectMin: 20, reconnectMax: 50 };

/** Fails if there is another connection in a time in which libzmq would have tried ten times; nothing tells that it will not. */
export async function staysAway(tap: Wiretap): Promise<void> {
  const before = tap.connections;
  await setTimeout(400);
  assert.equal(tap.connections, before, "it has connected again");
}

/** Options of both sides. */
export interface Sides {
  readonly ours: { readonly curve?: CurveOptions; readonly plain?: PlainOptions };
  readonly theirs: Readonly<Record<string, unknown>>;
}

/** Keys for both, and options with us as the client or as the server. */
export async function curve(
  we: "client" | "server",
  z: ZProcess,
): Promise<Sides> {
  const [client, server] = [await curveKeyPair(), await z.keys()];
  return we === "client"
    ? {
      ours: { curve: { serverKey: server.publicKey, ...client } },
      theirs: { curveServer: true, curveSecretKey: server.secretKey },
    }
    : {
      ours: { curve: { server: true, ...server } },
      theirs: {
        curveServerKey: server.publicKey,
        curvePublicKey: client.publicKey,
        curveSecretKey: client.secretKey,
      },
    };
}
