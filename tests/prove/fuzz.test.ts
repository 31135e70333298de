/** The proving ground's *fuzz*, in short: some mutated bytes to every pattern, over each transport. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Buffer } from "node:buffer";
import { fuzz } from "../../prove/fuzz/fuzz.ts";
import { makeNoise, Mutations } from "../../prove/fuzz/mutations.ts";
import type { Place } from "../../prove/fuzz/place.ts";
import { SPSpeech } from "../../prove/fuzz/speech.ts";
import { SPTalk } from "../../prove/fuzz/sp_talk.ts";
import type { Talk } from "../../prove/fuzz/talk.ts";
import { TlsTalk } from "../../prove/fuzz/tls_talk.ts";
import { WebSocketTalk } from "../../prove/fuzz/ws_talk.ts";
import type { Finding, Plan } from "../../prove/lib/part.ts";
import { Random } from "../../prove/lib/random.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const plan: Plan = {
  runtimes: [CURRENT.name],
  seed: 1,
  short: true,
  inputs: 1500,
  faults: 0,
  minutes: 0,
  scenarios: ["sp"],
  others: [],
  tell: () => {},
};

let found: Promise<Finding[]> | undefined;

/** All schemes in one run, whichever test comes first. */
function findings(): Promise<Finding[]> {
  return found ??= Array.fromAsync(fuzz.run(plan));
}

for (const scheme of ["tcp", "ipc", "ws", "tls"]) {
  test(`no mutated bytes over ${scheme} harm a socket of any pattern, or what its good peer is told`, async () => {
    const finding = (await findings()).find(({ situation }) => situation.endsWith(` ${scheme}`));
    assert.ok(finding !== undefined);
    const { measured, note } = finding;
    for (const harm of ["died", "uncaught errors", "wrong deliveries", "lost", "not forgotten"]) {
      assert.equal(measured[harm], "0", `${harm}: ${note}`);
    }
    // Which side they go to is chance, where they are few.
    const inputs = Number(measured["inputs, we bind"]) + Number(measured["inputs, we connect"]);
    assert.ok(inputs > 0, "no inputs");
    assert.ok(Number(measured["good messages"]) > 0, "no good messages");
  });
}

const noise = makeNoise(new Random(1));
const place: Place = {
  name: "REP, we bind",
  role: "bind",
  address: "",
  victim: { name: "rep", number: 0x31 },
  peer: { name: "req", number: 0x30 },
};

/** All that is said on one connection. */
function saidBy(talk: Talk): Buffer {
  const pieces: Uint8Array[] = [];
  for (let batch = talk.next(); batch !== undefined; batch = talk.next()) {
    assert.deepEqual(Buffer.concat(batch.pieces), Buffer.from(batch.bytes));
    pieces.push(batch.bytes);
  }
  return Buffer.concat(pieces);
}

for (
  const [scheme, talkBy] of [
    ["tcp", (mutations) => new SPTalk(place, "tcp", mutations)],
    ["ipc", (mutations) => new SPTalk(place, "ipc", mutations)],
    ["ws", (mutations) => new WebSocketTalk(place, mutations, new SPSpeech(place, mutations))],
    ["tls", (mutations) => new TlsTalk(mutations, new Uint8Array(200))],
  ] as const satisfies readonly (readonly [string, (mutations: Mutations) => Talk])[]
) {
  test(`the same seed has the same said over ${scheme}, and another seed something else`, () => {
    const said = (seed: number): Buffer => saidBy(talkBy(new Mutations(new Random(seed), noise)));
    for (let seed = 0; seed < 50; seed++) assert.deepEqual(said(seed), said(seed));
    assert.ok(
      new Set(Array.from({ length: 50 }, (_, seed) => said(seed).toString("hex"))).size > 40,
    );
  });
}
