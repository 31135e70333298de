import assert from "node:assert/strict";
import { test } from "node:test";
import { type DuplexSocket, Pair1, Rep, Req, Respondent, Surveyor } from "../../mod.ts";
import { hex, text, utf8 } from "../helpers/bytes.ts";
import { C_PEERS, LIBNNG, PATIENT } from "./c_peers.ts";

/** Two sockets of ours that put a backtrace before the body, and the commands of their counterparts. */
const FAMILIES: readonly {
  readonly name: string;
  readonly asker: () => DuplexSocket;
  readonly answerer: () => Rep | Respondent;
  readonly show: "show" | "show-survey";
  readonly rawAsk: "raw-ask" | "raw-ask-survey";
}[] = [
  {
    name: "request",
    asker: () => new Req(PATIENT),
    answerer: () => new Rep(),
    show: "show",
    rawAsk: "raw-ask",
  },
  {
    name: "survey",
    asker: () => new Surveyor({ deadline: 20_000 }),
    answerer: () => new Respondent(),
    show: "show-survey",
    rawAsk: "raw-ask-survey",
  },
];

for (const { name: library, skip, start } of C_PEERS) {
  for (const { name, asker, answerer, show, rawAsk } of FAMILIES) {
    test(
      `a ${name} has four bytes of header, an id with its high bit set, one up each time, as ${library} sees it`,
      { skip },
      async () => {
        await using ours = asker();
        const { address } = await ours.bind("tcp://127.0.0.1:0");
        await using theirs = start(show, "connect", address, 3);
        await ours.peers(1);
        const ids: number[] = [];
        for (const body of ["00", "01ff", "80000001"]) {
          await ours.send(hex(body));
          assert.deepEqual(await ours.receive(), hex(body));
          const line = await theirs.line(new RegExp(`^request [0-9a-f]{8} ${body}$`));
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
        `an answer goes back with the header of a ${name} that came through ${steps}, as ${library} sees it`,
        { skip },
        async () => {
          await using ours = answerer();
          const { address } = await ours.bind("tcp://127.0.0.1:0");
          ours.serve((question) => question.toReversed());
          await using theirs = start(rawAsk, "connect", address, header, "0102ff");
          assert.equal(await theirs.line(/^reply /), `reply ${header}ff0201`);
        },
      );
    }

    test(
      `a ${name} of ${library} that came through eight devices is dropped and counted, and its peer stays`,
      { skip },
      async () => {
        await using ours = answerer();
        const { address } = await ours.bind("tcp://127.0.0.1:0");
        ours.serve((question) => question);
        const dropped = (async () => {
          for await (const event of ours.events()) if (event.type === "dropped") return event;
          return undefined;
        })();
        const header = "00000001".repeat(8) + "80000007";
        await using _theirs = start(rawAsk, "connect", address, header, "00");
        const event = await dropped;
        assert.deepEqual({ reason: event?.reason, count: event?.count }, {
          reason: "ttl",
          count: 1,
        });
        assert.deepEqual(ours.stats().peers.map(({ drops }) => drops), [{ ttl: 1 }]);
      },
    );
  }
}

test("a PAIR version 1 says that its message has come one hop, as libnng sees it", {
  skip: LIBNNG.skip,
}, async () => {
  await using ours = new Pair1();
  const { address } = await ours.bind("tcp://127.0.0.1:0");
  await using theirs = LIBNNG.start("show-pair1", "connect", address);
  await ours.send(utf8("hop"));
  const body = Array.from(utf8("hop"), (byte) => byte.toString(16)).join("");
  assert.equal(text(hex(body)), "hop");
  assert.equal(await theirs.line(/^message /), `message 00000001 ${body}`);
});
