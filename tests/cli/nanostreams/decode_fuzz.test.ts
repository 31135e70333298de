/** `nanostreams decode` before bytes that anybody may have made: it never throws, loses no byte, and prints no control character. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { isCapture } from "../../../cli/nanostreams/decode/capture/files.ts";
import { decodeConversation } from "../../../cli/nanostreams/decode/conversation.ts";
import { captureLines, conversationLines } from "../../../cli/nanostreams/decode/decode.ts";
import { readHexText } from "../../../cli/nanostreams/decode/hex_text.ts";
import type { Part } from "../../../cli/nanostreams/decode/part.ts";
import { concat } from "../../helpers/bytes.ts";
import { packet, pcap, pcapng, type Spoken } from "../../helpers/capture.ts";

const RUNS = 300;
const FOLDER = join(import.meta.dirname!, "decode");

/** What both ends say in the files of `decode/`. */
const VECTORS = readdirSync(FOLDER).filter((name) => name.endsWith(".hex"))
  .map((name) => readHexText(readFileSync(join(FOLDER, name), "utf8")).ends);

const bytes = (maxLength: number): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ maxLength }).map((array) => new Uint8Array(array));

/** A vector with some bytes changed, left out or added. */
const mutated = fc.record({
  ends: fc.constantFrom(...VECTORS),
  changes: fc.array(
    fc.record({
      end: fc.constantFrom(0, 1),
      at: fc.nat(400),
      cut: fc.nat(3),
      put: bytes(9),
    }),
    { maxLength: 4 },
  ),
}).map(({ ends, changes }) => {
  const made = [...ends] as [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
  for (const { end, at, cut, put } of changes) {
    const old = made[end]!;
    const place = Math.min(at, old.length);
    made[end] = concat([old.subarray(0, place), put, old.subarray(place + cut)]);
  }
  return made;
});

const hints = fc.record({
  wire: fc.constantFrom(undefined, "sp" as const, "zmtp" as const),
  framing: fc.constantFrom(undefined, "tcp" as const, "ipc" as const),
});

/** The bytes of a part and of all in it. */
function bytesOf({ bytes, parts = [] }: Part): Uint8Array<ArrayBuffer> {
  return concat([bytes, ...parts.map(bytesOf)]);
}

function assertPrintable(lines: readonly string[]): void {
  // deno-lint-ignore no-control-regex
  const unseen = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;
  for (const line of lines) assert.doesNotMatch(line, unseen);
}

test("whatever both ends say, decode lists each of its bytes once, in order", () => {
  const ends = fc.oneof(mutated, fc.tuple(bytes(200), bytes(200)));
  fc.assert(
    fc.property(ends, hints, ([first, second], hints) => {
      const { wire, lines } = decodeConversation({ bytes: first }, { bytes: second }, hints);
      // TLS is not taken apart, and frames of WebSockets are shown unmasked.
      if (wire === "tls" || wire === "websocket") return;
      [first, second].forEach((said, end) => {
        const parts = lines.filter((line) => line.end === end).map(({ part }) => bytesOf(part));
        assert.deepEqual(concat(parts), said);
      });
    }),
    { numRuns: RUNS },
  );
});

test("whatever is read, what decode prints has no control character", () => {
  const input = fc.oneof(mutated.map(([first]) => first), bytes(300));
  fc.assert(
    fc.property(input, hints, fc.boolean(), (said, hints, isJson) => {
      const style = { isJson, isAll: false };
      assertPrintable([...conversationLines(said, false, hints, style)]);
    }),
    { numRuns: RUNS },
  );
});

test("whatever is in a capture, decode reads on", () => {
  const spoken = fc.record({
    from: fc.constantFrom("client" as const, "server" as const),
    sequence: fc.oneof(fc.nat(400), fc.nat()),
    data: fc.oneof(bytes(40), mutated.map(([first]) => first)),
    flags: fc.constantFrom("ack" as const, "syn" as const, "synack" as const),
    port: fc.constantFrom(40000, 40001),
  });
  const file = fc.record({
    packets: fc.array(spoken, { maxLength: 8 }),
    format: fc.constantFrom("pcap", "pcapng"),
    changes: fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 6 }),
    cut: fc.nat(40),
  }).map(({ packets, format, changes, cut }) => {
    const raw = packets.map((one: Spoken) => packet(one));
    const whole = format === "pcap" ? pcap(raw) : pcapng(raw);
    for (const [at, value] of changes) if (at >= 4 && at < whole.length) whole[at] = value;
    return whole.slice(0, Math.max(4, whole.length - cut));
  });
  fc.assert(
    fc.property(file, fc.boolean(), (file, isJson) => {
      assert.ok(isCapture(file));
      assertPrintable([...captureLines(file, {}, { isJson, isAll: false })]);
    }),
    { numRuns: RUNS },
  );
});

test("whatever a text is, reading it as hexadecimal digits does not throw", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(..."0123 af:xX\n<>#|\\\t.") }),
  );
  fc.assert(fc.property(text, (text) => void readHexText(text)), { numRuns: RUNS });
});
