/** The handshake on a WebSocket. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { NullMechanism } from "../../../zmtp/mechanisms/null.ts";
import { encodeCommand } from "../../../zmtp/wire/commands.ts";
import { WebSocketGreeting } from "../../../zmtp/wire/greeting.ts";
import { encodeMetadata } from "../../../zmtp/wire/metadata.ts";
import { concat, pattern } from "../../helpers/bytes.ts";
import { spError } from "../../helpers/errors.ts";

/** READY as a PUSH says it, with so many bytes of its own, behind the byte of a command. */
function ready(length: number): Uint8Array<ArrayBuffer> {
  const metadata = encodeMetadata([["Socket-Type", "PUSH"], ["X-More", pattern(length)]]);
  return concat([Uint8Array.of(2), encodeCommand("READY", metadata)]);
}

function greeting(): WebSocketGreeting {
  const mechanism = new NullMechanism({ metadata: new Uint8Array(0) });
  const greeting = new WebSocketGreeting("PULL", { mechanism });
  greeting.read(new Uint8Array(0));
  return greeting;
}

test("a peer on a WebSocket tells up to 64 KiB of itself, as on other transports", () => {
  assert.equal(greeting().read(ready(65_000)).isDone, true);
  assert.throws(
    () => greeting().read(ready(65_536)),
    spError("EMSGSIZE", "expected at most 65536"),
  );
});
