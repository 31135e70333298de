/** What XPUBs hand out of their subscribers, and XSUBs take. */

import type { XPub } from "../../../zmtp/mod.ts";
import { patience } from "../../conformance/stage.ts";
import { concat, text, utf8 } from "../../helpers/bytes.ts";

/** A subscription, or its end, as XPUB hands it out and XSUB takes it. */
export function said(byte: 0 | 1, prefix: string): Uint8Array<ArrayBuffer> {
  return concat([Uint8Array.of(byte), utf8(prefix)]);
}

/** What an XPUB hands out, in short: `"+a"`, `"-a"`. */
export function inShort([frame]: readonly Uint8Array[]): string {
  return `${frame![0] === 1 ? "+" : "-"}${text(frame!.subarray(1))}`;
}

/** The next things that an XPUB hands out. */
export async function next(pub: XPub, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) all.push(inShort(await pub.receive({ signal: patience() })));
  return all;
}
