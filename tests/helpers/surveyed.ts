/** Mock peers of a SURVEYOR. */

import assert from "node:assert/strict";
import type { Surveyor } from "../../patterns/survey.ts";
import { text } from "./bytes.ts";
import type { MockConnection } from "./mock_connection.ts";
import { MockPlace } from "./mock_transport.ts";
import { question } from "./questions.ts";

/** Longer than any test lasts. */
export const LONG = 3_600_000;
export const isLong = (time: number | undefined): boolean => time === LONG;

/** So many peers, which all come to a surveyor. */
export async function peersOf(surveyor: Surveyor, count: number): Promise<MockConnection[]> {
  const place = await MockPlace.of(surveyor);
  const peers: MockConnection[] = [];
  while (peers.length < count) peers.push(await place.peer());
  return peers;
}

/** The id of the survey that a peer was sent as its n-th, without its high bit. */
export async function idOf(peer: MockConnection, n: number): Promise<number> {
  await peer.until(() => peer.messages().length > n);
  const message = peer.messages()[n]!;
  assert.ok(message[0]! >= 0x80, "the id has its high bit set");
  return new DataView(message.buffer, message.byteOffset).getUint32(0) & 0x7fff_ffff;
}

/** A peer responds to the survey that it was sent as its n-th. */
export async function respond(peer: MockConnection, n: number, response: string): Promise<void> {
  peer.deliver(question(response, await idOf(peer, n)));
}

export async function textsOf(responses: ReadableStream<Uint8Array>): Promise<string[]> {
  return (await Array.fromAsync(responses)).map(text);
}
