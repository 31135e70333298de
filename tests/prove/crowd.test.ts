/**
 * The crowd of the proving ground in its short form: nobody crashes, and nothing is lost. How fast it is, `npm run prove` says. Only there are
 * *lone*, which is a smaller *loud*, and *handshakes*, which tests/transports/tls_failures.test.ts has in its own way.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import process from "node:process";
import { crowd } from "../../prove/crowd/crowd.ts";
import { shortly } from "../../prove/lib/short.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const skip = process.platform !== "linux" && "needs Linux, for /proc";

/** What a scenario found, each with figures: who crashes, or does not answer, has none. */
async function found(...scenarios: string[]): Promise<Readonly<Record<string, string>>[]> {
  const findings = await shortly(crowd, CURRENT.name, ...scenarios);
  assert.notEqual(findings.length, 0);
  return findings.map(({ situation, measured, note }) => {
    assert.notDeepEqual(measured, {}, `${situation}: ${note}`);
    assert.equal(note, undefined, situation);
    return measured;
  });
}

test("a crowd whose messages wait loses none of them", { skip }, async () => {
  const [{ taken }] = await found("waiting") as [Record<string, string>];
  assert.equal(taken, "409600 of 409600");
});

test("a subscriber that never reads keeps nobody from sending", { skip }, async () => {
  for (const { sent } of await found("slow")) assert.ok(Number(sent) > 0);
});

test("what nobody takes is waited with", { skip }, async () => {
  for (const { accepted } of await found("held")) assert.ok(Number(accepted) < 20_000);
});

test("messages that are announced and do not come harm nobody", { skip }, async () => {
  await found("announced");
});

test("loud peers are all heard, and the quiet one in its order", { skip }, async () => {
  await found("loud", "full");
});

test("each of many PUSH sockets in a process sends", { skip }, async () => {
  const [{ silent }] = await found("pushes") as [Record<string, string>];
  assert.equal(silent, "0");
});
