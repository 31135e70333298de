/** What a peer says of itself does not fill its user's log. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull } from "../../../zmtp/mod.ts";
import { nextEvent } from "../../helpers/next_event.ts";
import { stranger } from "../helpers/stranger.ts";

test("a peer of a type with a name of 60,000 characters is refused in a few lines", async () => {
  await using pull = new Pull();
  const events = pull.events().getReader();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  using peer = await stranger(address, "\n".repeat(60_000));
  const { reason } = await nextEvent(events, "rejected");
  assert.equal(reason.code, "EPROTO");
  assert.ok(reason.message.length < 1000, `${reason.message.length} characters`);
  await peer.closed;
});
