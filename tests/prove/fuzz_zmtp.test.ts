/** The proving ground's *fuzz* of ZMTP, in short: some mutated bytes to every socket type, over each transport. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { fuzz } from "../../prove/fuzz/fuzz.ts";
import { Judge } from "../../prove/fuzz/judge.ts";
import { makeNoise, Mutations } from "../../prove/fuzz/mutations.ts";
import type { Place } from "../../prove/fuzz/place.ts";
import { zmtpFrame, zmtpGreeting } from "../../prove/fuzz/zmtp/bytes.ts";
import { inFrames, outOfFrames } from "../../prove/fuzz/zmtp/frames.ts";
import { Requests } from "../../prove/fuzz/zmtp/requests.ts";
import { ZmtpTalk } from "../../prove/fuzz/zmtp/talk.ts";
import type { Finding } from "../../prove/lib/part.ts";
import { Random } from "../../prove/lib/random.ts";
import { CURRENT } from "../helpers/runtimes.ts";

let found: Promise<Finding[]> | undefined;

/** All schemes in one run, whichever test comes first. */
function findings(): Promise<Finding[]> {
  return found ??= Array.fromAsync(fuzz.run({
    runtimes: [CURRENT.name],
    seed: 1,
    short: true,
    inputs: 1500,
    faults: 0,
    minutes: 0,
    scenarios: ["zmtp"],
    others: [],
    tell: () => {},
  }));
}

// The bytes over ipc and TLS are the same as over TCP; `npm run prove` sends them there as well.
for (const scheme of ["tcp", "ws"]) {
  test(`no mutated ZMTP over ${scheme} harms a socket of any type, or what its good peer is told`, async () => {
    const finding = (await findings()).find(({ situation }) => situation.endsWith(` ${scheme}`));
    assert.ok(finding !== undefined);
    const { measured, note } = finding;
    for (const harm of ["died", "uncaught errors", "wrong deliveries", "lost", "not forgotten"]) {
      assert.equal(measured[harm], "0", `${harm}: ${note}`);
    }
    const inputs = Number(measured["inputs, we bind"]) + Number(measured["inputs, we connect"]);
    assert.ok(inputs > 0, "no inputs");
    assert.ok(Number(measured["good messages"]) > 0, "no good messages");
  });
}

const noise = makeNoise(new Random(1));

for (const type of ["ROUTER", "PUB", "PULL", "PUSH", "SUB"]) {
  test(`the same seed has the same said to a ${type}, and another seed something else`, () => {
    const speaker = { name: type, number: 0 };
    const place: Place = { name: type, role: "bind", address: "", victim: speaker, peer: speaker };
    const said = (seed: number): Buffer => {
      const talk = new ZmtpTalk(place, new Mutations(new Random(seed), noise));
      const pieces: Uint8Array[] = [];
      for (let batch = talk.next(); batch !== undefined; batch = talk.next()) {
        pieces.push(...batch.pieces);
      }
      return Buffer.concat(pieces);
    };
    for (let seed = 0; seed < 50; seed++) assert.deepEqual(said(seed), said(seed));
    assert.ok(
      new Set(Array.from({ length: 50 }, (_, seed) => said(seed).toString("hex"))).size > 40,
    );
  });
}

test("a good peer's message comes out of its frames as it went in", () => {
  const judge = new Judge();
  const lane = judge.lane("one");
  for (let i = 0; i < 100; i++) lane.hear(outOfFrames(inFrames(lane.say())));
  assert.equal(judge.counts.wrong, 0, JSON.stringify(judge.faults));
});

test("the judge finds a fault with a good peer's message in other frames", () => {
  const judge = new Judge();
  const lane = judge.lane("one");
  const frames = inFrames(lane.say());
  lane.hear(outOfFrames([...frames, new Uint8Array(0)]));
  assert.equal(judge.counts.wrong, 1);
});

test("the mutator finds the envelopes of requests, however the bytes are cut", () => {
  const bytes = Buffer.concat([
    zmtpGreeting(),
    zmtpFrame(4, Buffer.from("\x05READY")),
    zmtpFrame(1, Buffer.from("id")),
    zmtpFrame(1, new Uint8Array(0)),
    zmtpFrame(1, new Uint8Array(300)),
    zmtpFrame(0, new Uint8Array(0)),
    zmtpFrame(1, new Uint8Array(0)),
    zmtpFrame(0, Buffer.from("body")),
  ]);
  for (const step of [1, 3, bytes.length]) {
    const requests = new Requests();
    for (let at = 0; at < bytes.length; at += step) requests.hear(bytes.subarray(at, at + step));
    const asked = requests.asked.map((envelope) =>
      envelope.map((frame) => String(Buffer.from(frame)))
    );
    assert.deepEqual(asked, [["id", ""], [""]]);
  }
});
