/** The limits of the proving ground in their short form: what runs out is told, and there is a life afterwards. */

import assert from "node:assert/strict";
import { test } from "node:test";
import process from "node:process";
import { limits } from "../../prove/limits/limits.ts";
import { isRoot } from "../../prove/limits/stage.ts";
import { shortly } from "../../prove/lib/short.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const skip = process.platform !== "linux" && "needs Linux, for /proc and ulimit";
const skipUnlessRoot = skip || (!isRoot && "needs root, for namespaces");

/** What a scenario found, each with figures: who crashes, or does not answer, has none. */
async function found(scenario: string): Promise<Readonly<Record<string, string>>[]> {
  const findings = await shortly(limits, CURRENT.name, scenario);
  assert.notEqual(findings.length, 0);
  return findings.map(({ situation, measured, note }) => {
    assert.notDeepEqual(measured, {}, `${situation}: ${note}`);
    return measured;
  });
}

test("a listener without descriptors serves its peers, and takes others when there is room", {
  skip,
}, async () => {
  const [measured] = await found("accept");
  assert.equal(measured!["served while full"], "yes");
  assert.equal(measured!["room taken"], "yes");
});

test(
  "a dialer without descriptors tells so, and connects when there is one",
  { skip },
  async () => {
    const [measured] = await found("connect");
    assert.equal(measured!.event, "EMFILE");
    assert.equal(measured!["connected afterwards"], "yes");
  },
);

test("dialers without ports tell so, and connect when there are some", {
  skip: skipUnlessRoot,
}, async () => {
  const [measured] = await found("ports");
  assert.equal(measured!.connected, "10");
  assert.equal(measured!.event, "EADDRNOTAVAIL");
  assert.equal(measured!["the rest afterwards"], "yes");
});

test("a folder without rights, or room, is told by its error", {
  skip: skipUnlessRoot,
}, async () => {
  const [rights, room] = await found("disk");
  assert.match(rights!.error!, /EACCES/);
  assert.match(room!.error!, /ENOSPC/);
});

test(
  "a process with little memory survives loud peers that it does not read",
  { skip },
  async () => {
    for (const { taken } of await found("memory")) assert.ok(Number(taken) > 0);
  },
);
