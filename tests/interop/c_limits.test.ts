import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, Req } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { pattern } from "../helpers/bytes.ts";
import { C_PEERS, PATIENT } from "./c_peers.ts";
import { assertSame, fnv } from "./messages.ts";
import { SOON, TCP } from "./places.ts";

const LIMIT = 1024 * 1024;

for (const peer of C_PEERS) {
  const { name, skip } = peer;

  test(
    `${name} takes a message of exactly its limit, and closes the connection for one byte more; the next one arrives by a new connection`,
    { skip },
    async () => {
      await using push = new Push();
      const events = new EventLog(push);
      // Bound, for when libnanomsg 1.1.5 connects it never gets over such a message: it closes each connection
      // that it makes after that.
      await using place = await TCP.open();
      await using pull = peer.start("pull", "bind", place.address);
      push.connect(place.address, SOON);
      const message = pattern(LIMIT);
      await push.send(message);
      await pull.line(new RegExp(`^message ${LIMIT} ${fnv(message)}$`));

      await push.send(pattern(LIMIT + 1));
      await events.next("detached");
      await events.next("attached", ({ peer }) => peer.id !== events.of("attached")[0]?.peer.id);
      await push.send(pattern(5));
      await pull.line(new RegExp(`^message 5 ${fnv(pattern(5))}$`));
      assert.doesNotMatch(pull.stdout.toString(), new RegExp(`^message ${LIMIT + 1} `, "m"));
    },
  );

  test(
    `a message of exactly maxMessageSize from ${name} arrives, one byte more closes the connection, and the next one arrives by a new one`,
    { skip },
    async () => {
      await using pull = new Pull(PATIENT);
      const events = new EventLog(pull);
      const { address } = await pull.bind("tcp://127.0.0.1:0");
      await using _push = peer.start("push", "connect", address, LIMIT, LIMIT + 1, "again", 5);
      assertSame(await pull.receive(), pattern(LIMIT), "the largest that is allowed");
      assertSame(await pull.receive(), pattern(5), "the one after the one that is too large");
      const { reason } = await events.next("detached");
      assert.equal(reason?.code, "EMSGSIZE");
      assert.match(reason.message, /1048577/);
      assert.equal(pull.stats().messagesReceived, 2);
    },
  );

  test(
    `a request and its reply of exactly the limit, less four bytes of header, pass to ${name} and back`,
    { skip },
    async () => {
      await using req = new Req(PATIENT);
      const { address } = await req.bind("tcp://127.0.0.1:0");
      await using _rep = peer.start("echo", "connect", address);
      const request = pattern(LIMIT - 4);
      assertSame(await req.request(request), request, "the reply");
    },
  );
}
