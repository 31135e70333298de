/** The examples in the help of `probe` and `decode`, as they are typed. */

import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DECODE } from "../../../cli/nanostreams/spec/decode.ts";
import { PROBE } from "../../../cli/nanostreams/spec/probe.ts";
import { run } from "../../helpers/process.ts";
import { CURRENT } from "../../helpers/runtimes.ts";
import { ENVIRONMENT, PROGRAM, runNanostreams } from "../../helpers/nanostreams.ts";

const folder = mkdtempSync(join(tmpdir(), "examples-"));
after(() => rmSync(folder, { recursive: true }));

/** What each prints. */
const PRINTED: Record<string, RegExp> = {
  "Who listens on port 5555?": /^tcp:\/\/127\.0\.0\.1:5555: /,
  "Two addresses, as JSON for a program, half a second each":
    /^\{"url":"ipc:\/\/service\.ipc","found":"nothing".*\}\n\{"url":"ws:\/\/127\.0\.0\.1:8080\/".*\}\n$/,
  "List the connections of a capture": /^connection 1: [^]*request id: 0x[^]*"answer"\n$/,
  "List what a REQ socket said": /REQ \(0x30\)[^]*body: 2 bytes, "hi"\n1 message\n$/,
  "The first parts of the connections of a port, as JSON":
    /^(\{"connection":1,"wire":"sp".*\}\n){3}$/,
};

for (const { name, examples } of [PROBE, DECODE]) {
  for (const { line, about, files = [] } of examples) {
    test(`${name}'s example runs: ${about}`, async () => {
      for (const file of files) {
        copyFileSync(join(import.meta.dirname!, "files", file), join(folder, file));
      }
      const script = `nanostreams() { ${
        [CURRENT.command, ...CURRENT.args, PROGRAM].map((word) => `'${word}'`).join(" ")
      } "$@"; }\n${line}`;
      const { code, stdout, stderr } = await run("sh", ["-c", script], {
        cwd: folder,
        env: ENVIRONMENT,
      });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(`${stdout}`, PRINTED[about]!);
    });
  }
}

for (const name of ["probe", "decode"]) {
  test(`${name} --help fits on a screen of 80 columns`, async () => {
    const { stdout } = await runNanostreams([name, "--help"]);
    const lines = `${stdout}`.split("\n");
    assert.ok(lines.length <= 40, `${lines.length} lines`);
    const examples = lines.indexOf("Examples:");
    for (const line of lines.slice(0, examples)) assert.ok(line.length <= 80, line);
  });
}
