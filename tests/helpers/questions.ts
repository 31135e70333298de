/** Messages of REQ/REP and SURVEY as a mock peer reads and writes them: `"7 hello"` is the body behind the id 7. */

import { text, utf8 } from "./bytes.ts";
import type { MockConnection } from "./mock_connection.ts";

/** A body behind a backtrace: words as given, the last one with its high bit set. */
export function question(body: string, ...words: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * words.length + utf8(body).length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) =>
    view.setUint32(4 * i, i === words.length - 1 ? 0x8000_0000 + word : word)
  );
  bytes.set(utf8(body), 4 * words.length);
  return bytes;
}

/** A message as text: the words of its backtrace without the high bit, then the body. */
export function readQuestion(message: Uint8Array): string {
  const view = new DataView(message.buffer, message.byteOffset);
  const words: number[] = [];
  for (let at = 0;; at += 4) {
    words.push(view.getUint32(at) & 0x7fff_ffff);
    if (message[at]! >= 0x80) return [...words, text(message.subarray(at + 4))].join(" ");
  }
}

/** The bodies of what was written to a peer, once there are so many. */
export async function bodies(peer: MockConnection, count: number): Promise<string[]> {
  await peer.until(() => peer.messages().length >= count);
  return peer.messages().map((message) => text(message.subarray(4)));
}

/** Answers the request that was written to a peer as its n-th, counted from 0; `how` makes the reply of the request. */
export async function answer(
  peer: MockConnection,
  n: number,
  how: (body: string) => string = (body) => body.toUpperCase(),
): Promise<void> {
  await peer.until(() => peer.messages().length > n);
  const request = peer.messages()[n]!;
  const body = utf8(how(text(request.subarray(4))));
  const reply = new Uint8Array(4 + body.length);
  reply.set(request.subarray(0, 4));
  reply.set(body, 4);
  peer.deliver(reply);
}
