import assert from "node:assert/strict";
import { test } from "node:test";
import { Req } from "../../mod.ts";
import { text, utf8 } from "../helpers/bytes.ts";
import { C_PEERS, PATIENT } from "./c_peers.ts";
import { SOON, TRANSPORTS } from "./places.ts";

const IN_FLIGHT = 1000;

/** Asks so many things at once, and checks that each answer is to its own question. */
async function askAll(req: Req): Promise<void> {
  const questions = Array.from({ length: IN_FLIGHT }, (_, index) => `question ${index}`);
  const answers = await Promise.all(questions.map((question) => req.request(question)));
  assert.deepEqual(answers.map(text), questions);
}

for (const peer of C_PEERS) {
  const { name, skip } = peer;

  for (const transport of TRANSPORTS) {
    test(
      `1,000 requests in flight on one Req are answered by one ${name} REP over ${transport.name}`,
      { skip },
      async () => {
        await using place = await transport.open();
        // libnanomsg's REP drops a reply that the connection does not take at once, as ipc does not when
        // a few hundred are unread. There is nothing to see of it but the missing reply.
        await using req = new Req({ ...PATIENT, resendInterval: 50 });
        await using _rep = peer.start("echo", "bind", place.address);
        req.connect(place.address, SOON);
        await askAll(req);
      },
    );
  }

  test(
    `${name} holds 1,000 requests of one Req, and answers the last one first`,
    { skip },
    async () => {
      await using req = new Req(PATIENT);
      const { address } = await req.bind("tcp://127.0.0.1:0");
      await using rep = peer.start("reverse", "connect", address, IN_FLIGHT);
      await Promise.all([askAll(req), rep.line(/^holding 1000$/)]);
    },
  );

  test(`a request is sent again, under the same id, when the ${name} REP that had it is killed`, {
    skip,
  }, async () => {
    await using req = new Req(PATIENT);
    const { address } = await req.bind("tcp://127.0.0.1:0");
    await using first = peer.start("show", "connect", address, 0);
    const reply = req.request(utf8("again"));
    const seen = await first.line(/^request /);
    first.kill("SIGKILL");
    await using second = peer.start("show", "connect", address, 1);
    assert.equal(text(await reply), "again");
    assert.equal(await second.line(/^request /), seen);
  });
}
