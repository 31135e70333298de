import assert from "node:assert/strict";
import { test } from "node:test";
import { Rep, Req } from "../../mod.ts";
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

  test(
    `a request has four bytes of header, an id with its high bit set, one up each time, as ${name} sees it`,
    { skip },
    async () => {
      await using req = new Req(PATIENT);
      const { address } = await req.bind("tcp://127.0.0.1:0");
      await using rep = peer.start("show", "connect", address, 3);
      const ids: number[] = [];
      for (const body of ["00", "01ff", "80000001"]) {
        await req.request(Uint8Array.from(body.match(/../g)!, (digits) => parseInt(digits, 16)));
        const line = await rep.line(new RegExp(`^request [0-9a-f]{8} ${body}$`));
        ids.push(parseInt(line.split(" ")[1]!, 16));
      }
      const [first] = ids as [number];
      assert.ok(first >= 0x8000_0000, `${first.toString(16)} has its high bit set`);
      const next = (by: number): number => ((first + by) | 0x8000_0000) >>> 0;
      assert.deepEqual(ids, [first, next(1), next(2)]);
    },
  );

  for (
    const { steps, header } of [
      { steps: "no device", header: "80000007" },
      { steps: "one device", header: "00000001" + "80000007" },
      { steps: "seven devices", header: "7fffffff".repeat(7) + "ffffffff" },
    ]
  ) {
    test(
      `a reply goes back with the header of a request that came through ${steps}, as ${name} sees it`,
      { skip },
      async () => {
        await using rep = new Rep();
        const { address } = await rep.bind("tcp://127.0.0.1:0");
        rep.serve((request) => request.toReversed());
        await using req = peer.start("raw-ask", "connect", address, header, "0102ff");
        assert.equal(await req.line(/^reply /), `reply ${header}ff0201`);
      },
    );
  }

  test(
    `a request of ${name} that came through eight devices is dropped and counted, and its peer stays`,
    { skip },
    async () => {
      await using rep = new Rep();
      const { address } = await rep.bind("tcp://127.0.0.1:0");
      rep.serve((request) => request);
      const dropped = (async () => {
        for await (const event of rep.events()) if (event.type === "dropped") return event;
        return undefined;
      })();
      await using _req = peer.start(
        "raw-ask",
        "connect",
        address,
        "00000001".repeat(8) + "80000007",
        "00",
      );
      const event = await dropped;
      assert.deepEqual({ reason: event?.reason, count: event?.count }, { reason: "ttl", count: 1 });
      assert.deepEqual(rep.stats().peers.map(({ drops }) => drops), [{ ttl: 1 }]);
    },
  );
}
