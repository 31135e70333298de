/** A ZMTP peer that says what a test has it say, by bare bytes. */

import { encodeCommand } from "../../../zmtp/wire/commands.ts";
import { encodeGreeting } from "../../../zmtp/wire/greeting.ts";
import { encodeMetadata } from "../../../zmtp/wire/metadata.ts";
import { concat, utf8 } from "../../helpers/bytes.ts";
import { RawPeer } from "../../conformance/raw_peer.ts";
import { COMMAND, frame } from "./frames.ts";

/** A greeting for NULL, and READY. */
export function hello(type: string): Uint8Array<ArrayBuffer> {
  const greeting = encodeGreeting({ name: "NULL", isServer: false });
  return concat([greeting, command("READY", encodeMetadata([["Socket-Type", type]]))]);
}

/** A command as a frame. */
export function command(name: string, data: Uint8Array | string = ""): Uint8Array<ArrayBuffer> {
  const bytes = typeof data === "string" ? utf8(data) : data;
  return frame(COMMAND, encodeCommand(name, bytes));
}

/** Connects to an address of ours, and says what stands before messages. */
export async function stranger(address: string, type: string): Promise<RawPeer> {
  const peer = await RawPeer.connect(address);
  await peer.send(hello(type));
  return peer;
}
