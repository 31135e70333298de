/** CURVE where its packages are not installed. */

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { run } from "../../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../../helpers/runtimes.ts";

// Node alone: Bun would fetch what is missing.
const NODE = RUNTIMES.find(({ name }) => name === "node")!;

const PROGRAM = `
import { CurveClient, CurveClientKeys } from "./zmtp/curve/curve_client.ts";
import { CurveServer } from "./zmtp/curve/curve_server.ts";
import { curveKeyPair, OwnKeys } from "./zmtp/curve/keys.ts";
import { NullMechanism } from "./zmtp/mechanisms/null.ts";

const serverKey = new Uint8Array(32);
const context = { metadata: new Uint8Array(0) };
const hello = new Uint8Array(200);
hello.set(new TextEncoder().encode("\\x05HELLO\\x01"));
console.log(new NullMechanism(context).begin().length);
for (const attempt of [
  () => curveKeyPair(),
  () => new CurveClient(new CurveClientKeys({ serverKey }), context).begin(),
  () => new CurveServer(new OwnKeys({}), context).receive(hello),
]) {
  await attempt().catch(({ code, message }) => console.log(code, message));
}
`;

test("without the packages, CURVE says what to install, and NULL works", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nanostreams-"));
  try {
    for (const part of ["src", "zmtp", "transports/options.ts", "transports/runtime.ts"]) {
      cpSync(join(PROJECT, part), join(folder, part), { recursive: true });
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "program.ts"), PROGRAM);
    const { stdout, stderr } = await run(NODE.command, [...NODE.args, join(folder, "program.ts")]);
    const error = "ENOTSUP Cannot use CURVE without two packages: " +
      "npm install @noble/ciphers @noble/curves";
    assert.deepEqual(stdout.toString().trim().split("\n"), ["6", error, error, error], stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
