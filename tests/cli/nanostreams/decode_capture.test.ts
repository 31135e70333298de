import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionsOf } from "../../../cli/nanostreams/decode/capture/connections.ts";
import { type Capture, readCapture } from "../../../cli/nanostreams/decode/capture/files.ts";
import { segmentOf } from "../../../cli/nanostreams/decode/capture/segments.ts";
import { captureLines } from "../../../cli/nanostreams/decode/decode.ts";
import { concat, hex, text, utf8 } from "../../helpers/bytes.ts";
import { type Link, packet, pcap, pcapng, type Spoken } from "../../helpers/capture.ts";

const PUSH = hex("00 53 50 00 00 50 00 00");
const PULL = hex("00 53 50 00 00 51 00 00");
const HI = hex("00 00 00 00 00 00 00 02 68 69");
const STYLE = { isJson: false, isAll: false };

/** A push that greets, is greeted, and sends two letters. */
const CONVERSATION: readonly Spoken[] = [
  { from: "client", sequence: 999, flags: "syn" },
  { from: "server", sequence: 4_294_967_290, flags: "synack" },
  { from: "client", sequence: 1000 },
  { from: "client", sequence: 1000, data: PUSH },
  // Over the end of the numbers.
  { from: "server", sequence: 4_294_967_291, data: PULL },
  { from: "client", sequence: 1008, data: HI },
];

const packets = (all: readonly Spoken[], link?: Link, isIPv6?: boolean) =>
  all.map((spoken) => packet(spoken, link, isIPv6));

function conversations({ packets }: Capture) {
  return connectionsOf(packets.map(segmentOf).filter((one) => one !== undefined));
}

/** What both ends said. */
function said(capture: Capture) {
  const [connection, ...others] = conversations(capture);
  assert.deepEqual(others, []);
  return connection!.said.map(({ bytes }) => bytes);
}

const EXPECTED = [concat([PUSH, HI]), PULL];

const FILES: Record<string, Uint8Array<ArrayBuffer>> = {
  "pcap, little-endian": pcap(packets(CONVERSATION)),
  "pcap, big-endian": pcap(packets(CONVERSATION), { little: false }),
  "pcap with nanoseconds": pcap(packets(CONVERSATION), { isNanoseconds: true }),
  "pcapng, little-endian": pcapng(packets(CONVERSATION)),
  "pcapng, big-endian": pcapng(packets(CONVERSATION), false),
};

for (const [name, bytes] of Object.entries(FILES)) {
  test(`${name} is read, with its times`, () => {
    const capture = readCapture(bytes);
    assert.equal(capture.problem, undefined);
    assert.deepEqual(said(capture), EXPECTED);
    const begin = name.startsWith("pcapng") ? 1e9 : 1e9 + 0.5;
    assert.equal(capture.packets[0]!.time, begin);
    assert.equal(capture.packets[4]!.time, begin + 4);
  });
}

for (const link of ["any", "any2", "ethernet", "loopback", "raw", "vlan"] as const) {
  for (const isIPv6 of [false, true]) {
    test(`TCP is found in ${isIPv6 ? "IPv6" : "IPv4"} on the link "${link}"`, () => {
      const capture = readCapture(pcap(packets(CONVERSATION, link, isIPv6), { link }));
      assert.deepEqual(said(capture), EXPECTED);
      const { client, server } = conversations(capture)[0]!;
      assert.deepEqual(
        [client, server],
        isIPv6 ? ["[2001:db8::1]:40000", "[::1]:5555"] : ["127.0.0.1:40000", "10.0.0.2:5555"],
      );
    });
  }
}

test("segments are put in their order, and what comes twice counts once", () => {
  const [a, b, c, first, d, last] = CONVERSATION as [
    Spoken,
    Spoken,
    Spoken,
    Spoken,
    Spoken,
    Spoken,
  ];
  const again: Spoken = { from: "client", sequence: 1004, data: concat([PUSH, HI]).slice(4, 12) };
  const shuffled = [a, b, c, last, first, first, d, again, last];
  assert.deepEqual(said(readCapture(pcap(packets(shuffled)))), EXPECTED);
});

test("a capture that begins in the middle of a connection begins with what it has", () => {
  const late = CONVERSATION.slice(4);
  assert.deepEqual(said(readCapture(pcap(packets(late)))), [PULL, HI]);
});

test("what was not captured is told where it is, and what follows is still read", () => {
  const long = concat([hex("00 00 00 00 00 00 00 14"), utf8("abcdefghijklmnopqrst")]);
  const gap = [
    ...CONVERSATION.slice(0, 5),
    { from: "client", sequence: 1008, data: long.slice(0, 12) },
    { from: "client", sequence: 1008 + 16, data: long.slice(16), captured: 8 },
    { from: "client", sequence: 1008 + 28, data: HI },
  ] as const;
  const lines = [...captureLines(pcap(packets(gap)), {}, STYLE)].join("\n");
  assert.match(lines, /message 1: 20 bytes .*\n.* ! 8 bytes of it were not captured/);
  assert.match(lines, /message 2: 2 bytes/);
  assert.match(lines, /body: 2 bytes, "hi"/);
});

test("a hole that is too large ends what can be read, and says so", () => {
  const far = [...CONVERSATION, { from: "client", sequence: 0x7000_0000, data: HI }] as const;
  const lines = [...captureLines(pcap(packets(far)), {}, STYLE)].join("\n");
  assert.match(lines, /"hi"/);
  assert.match(lines, /! \d+ bytes were not captured, so that what follows cannot be read/);
});

test("the same ports again are another connection", () => {
  const second: Spoken[] = CONVERSATION.map((spoken) => ({
    ...spoken,
    sequence: spoken.sequence + 50_000,
  }));
  const found = conversations(readCapture(pcap(packets([...CONVERSATION, ...second]))));
  assert.deepEqual(found.map(({ said }) => said.map(({ bytes }) => bytes)), [EXPECTED, EXPECTED]);
});

test("connections are listed one behind the other, both ends by time; others are named, and ports chosen", () => {
  const other: Spoken[] = [
    { from: "client", sequence: 1, data: utf8("SSH-2.0-x\r\n"), port: 40001 },
  ];
  const third = CONVERSATION.map((spoken) => ({ ...spoken, port: 40002 }));
  const bytes = pcap(packets([...CONVERSATION, ...other, ...third]));
  const lines = [...captureLines(bytes, {}, STYLE)];
  const heads = lines.filter((line) => !/^[<>]/.test(line));
  assert.deepEqual(heads, [
    "connection 1: 127.0.0.1:40000 > 10.0.0.2:5555, sp, 1 message",
    "",
    "connection 2: 127.0.0.1:40002 > 10.0.0.2:5555, sp, 1 message",
    "",
    "not decoded: 127.0.0.1:40001 > 10.0.0.2:5555, neither SP nor ZMTP, 11 bytes there, 0 bytes back",
  ]);
  assert.deepEqual(lines.slice(1, 6), [
    "> 00000000  00 53 50 00 00 50 00 00        SP greeting: PUSH (0x50), for PULL  (+3.000000 s)",
    "< 00000000  00 53 50 00 00 51 00 00        SP greeting: PULL (0x51), for PUSH  (+4.000000 s)",
    "> 00000008  00 00 00 00 00 00 00 02        message 1: 2 bytes  (+5.000000 s)",
    '> 00000010  68 69                            body: 2 bytes, "hi"',
    "",
  ]);
  assert.equal(
    [...captureLines(bytes, {}, STYLE, 40002)][0],
    "connection 1: 127.0.0.1:40002 > 10.0.0.2:5555, sp, 1 message",
  );
  assert.deepEqual([...captureLines(bytes, {}, STYLE, 9)], [
    "no TCP connection in 13 packets has port 9",
  ]);
});

test("as JSON each part is an object, with its connection, ends and time", () => {
  const lines = [...captureLines(pcap(packets(CONVERSATION)), {}, { isJson: true, isAll: false })];
  const parts = lines.map((line) => JSON.parse(line));
  assert.equal(parts.length, 3);
  assert.deepEqual(parts[2], {
    connection: 1,
    wire: "sp",
    end: 0,
    from: "127.0.0.1:40000",
    to: "10.0.0.2:5555",
    time: "2001-09-09T01:46:45.500Z",
    at: 8,
    kind: "message 1",
    text: "2 bytes",
    message: 1,
    hex: "0000000000000002",
    size: 2,
    parts: [
      { at: 16, kind: "body", text: '2 bytes, "hi"', hex: text(utf8("6869")), size: 2, data: "hi" },
    ],
  });
});

test("as JSON other connections are an object each, and what is wrong with the capture is one", () => {
  const other: Spoken = { from: "client", sequence: 1, data: utf8("SSH-2.0-x\r\n") };
  const file = pcap(packets([other, other]));
  const style = { isJson: true, isAll: false };
  assert.deepEqual(
    [...captureLines(file.slice(0, -1), {}, style)].map((line) => JSON.parse(line)),
    [
      { wire: null, from: "127.0.0.1:40000", to: "10.0.0.2:5555", sizes: [11, 0] },
      { problem: "the capture is cut off at byte 109" },
    ],
  );
});

test("a capture that is cut off is read as far as it goes", () => {
  for (const file of [pcap(packets(CONVERSATION)), pcapng(packets(CONVERSATION))]) {
    const lines = [...captureLines(file.slice(0, -5), {}, STYLE)];
    assert.match(lines.join("\n"), /SP greeting: PULL/);
    assert.match(lines.at(-1)!, /^! the capture is (malformed or )?cut off at byte \d+$/);
  }
});
