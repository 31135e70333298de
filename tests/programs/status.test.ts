/** Services that answer surveys, and Prometheus, as programs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { PROMETHEUS_CONTENT_TYPE } from "../../observe/mod.ts";
import { found, startProgram } from "./programs.ts";

test("every service answers each survey, and serves its figures where it says", async () => {
  await using surveyor = startProgram("status/surveyor.ts", {
    env: { ADDRESS: "tcp://127.0.0.1:0" },
  });
  const [ADDRESS] = await found(surveyor, /^Asking at (\S+)$/);
  await using one = startProgram("status/respondent.ts", { env: { ADDRESS: ADDRESS! } });
  await using two = startProgram("status/respondent.ts", { env: { ADDRESS: ADDRESS! } });
  for (const service of [one, two]) {
    const [metrics] = await found(service, /^Serving (http:\S+)$/);
    await surveyor.until(({ stdout }) => answers(stdout.toString(), metrics!).length >= 2);
    assert.match(
      answers(surveyor.stdout.toString(), metrics!)[0]!,
      /^tcp:\/\/127\.0\.0\.1:\d+ is well, for \d+(\.\d+)? s: http/,
    );
    const response = await fetch(metrics!);
    assert.equal(response.headers.get("content-type"), PROMETHEUS_CONTENT_TYPE);
    const figures = await response.text();
    const [, surveys] = /^nanostreams_messages_received_total{socket="status",.*} (\d+)$/m
      .exec(figures) ?? [];
    assert.ok(Number(surveys) >= 2, figures);
  }
  assert.deepEqual([surveyor.stderr, one.stderr, two.stderr], ["", "", ""]);
});

/** The lines that tell of a service. */
function answers(printed: string, metrics: string): string[] {
  return printed.split("\n").filter((line) => line.endsWith(` ${metrics}`));
}
