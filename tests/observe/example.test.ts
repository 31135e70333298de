/** The example in `examples/metrics/`, run as a program, and scraped by a real Prometheus. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Req } from "../../mod.ts";
import { PROMETHEUS_CONTENT_TYPE } from "../../observe/mod.ts";
import { text } from "../helpers/bytes.ts";
import { findPeer } from "../helpers/peers.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";

const EXAMPLES = join(PROJECT, "examples", "metrics");
const PROMETHEUS = findPeer("prometheus", "prometheus");
/** How long Prometheus may take to start, to scrape and to answer, in milliseconds. */
const LIMIT = 50_000;

/** Starts the example on the runtime of this test; also its address. */
async function startExample(): Promise<{ child: Child; address: string }> {
  const file = join(EXAMPLES, `${CURRENT.name}.ts`);
  const child = start(CURRENT.command, [...CURRENT.args, file], { env: { PORT: "0" } });
  const line = await child.line(/^Serving /);
  return { child, address: line.replace("Serving ", "").replace("/metrics", "") };
}

/** Has the socket answer two questions. */
async function ask(address: string): Promise<void> {
  await using req = new Req();
  req.connect(`${address.replace("http:", "ws:")}/upper`);
  for (const word of ["one", "two"]) {
    assert.equal(text(await req.request(word, { timeout: LIMIT })), word.toUpperCase());
  }
}

test("the example serves its page, its socket and the socket's figures, and ends when it is told to", async () => {
  const { child, address } = await startExample();
  await using _child = child;
  await ask(address);
  assert.equal(await (await fetch(`${address}/`)).text(), "A page\n");
  const response = await fetch(`${address}/metrics`);
  assert.equal(response.headers.get("content-type"), PROMETHEUS_CONTENT_TYPE);
  assert.match(
    await response.text(),
    /^nanostreams_messages_received_total{socket="upper",protocol="rep"} 2$/m,
  );
  await child.line(/^upper mount:ws: peer 127.0.0.1:\d+ \(req\) detached/);
  child.kill("SIGTERM");
  const { code, stderr } = await child.finished();
  assert.deepEqual([code, stderr], [0, ""]);
});

test("a Prometheus scrapes the example", { skip: PROMETHEUS.skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nanostreams-prometheus-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { child, address } = await startExample();
  await using _child = child;
  await ask(address);

  const config = join(folder, "prometheus.yml");
  const target = new URL(address).host;
  writeFileSync(
    config,
    "scrape_configs:\n- job_name: example\n  scrape_interval: 200ms\n  scrape_timeout: 200ms\n" +
      `  static_configs:\n  - targets: ["${target}"]\n`,
  );
  await using scraper = start(PROMETHEUS.command, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    "--web.listen-address=127.0.0.1:0",
  ]);
  const listens = await scraper.line(/"Listening on" address=/);
  const found = await query(
    scraper,
    `http://${/address=(\S+)/.exec(listens)![1]}`,
    'nanostreams_messages_received_total{socket="upper",job="example"}',
  );
  assert.deepEqual(found, { instance: target, protocol: "rep", value: "2" });
  scraper.kill("SIGTERM");
  await scraper.finished();
});

test("no file of the example has 40 lines of code", () => {
  for (const file of readdirSync(EXAMPLES)) {
    const lines = readFileSync(join(EXAMPLES, file), "utf8").split("\n");
    assert.ok(lines.filter((line) => !/^\s*(\/\/|$)/.test(line)).length < 40, file);
  }
});

/** Asks Prometheus until it has a series. */
async function query(scraper: Child, address: string, series: string): Promise<object> {
  const url = `${address}/api/v1/query?query=${encodeURIComponent(series)}`;
  const deadline = performance.now() + LIMIT;
  while (performance.now() < deadline) {
    // It says nothing of a scrape: the answer is all there is to wait for.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const response = await fetch(url).catch(() => undefined);
    const answer = await response?.json().catch(() => undefined);
    const [first] = answer?.data?.result ?? [];
    if (first === undefined) continue;
    const { instance, protocol } = first.metric;
    return { instance, protocol, value: first.value[1] };
  }
  throw new Error(`Prometheus has no ${series}: ${scraper.stderr.slice(-2000)}`);
}
