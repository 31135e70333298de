/** The page of `villas node --page`, in a real browser. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { History } from "../../villas/page/app/history.ts";
import { Gatherer } from "../../villas/page/feed.ts";
import { BROWSERS, closeBrowsers } from "../browser/browsers.ts";
import { attribute, drawn, picture, shows, until } from "../browser/pages.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { run } from "./gateways.ts";
import { dtypes } from "./samples.ts";

const folder = mkdtempSync(join(tmpdir(), "villas-page-"));
after(async () => {
  await closeBrowsers();
  rmSync(folder, { recursive: true });
});

const CONFIG = `
nodes = {
  generator = {
    type = "signal.v2", rate = 100
    in = { signals = ( { name = "voltage", unit = "V", signal = "sine", amplitude = 325.0 },
                       { name = "load", unit = "%", signal = "triangle", amplitude = 40, offset = 50 },
                       { name = "steps", signal = "square" } ) }
  }
  lab = { type = "nanomsg", out = { endpoints = "ipc://${folder}/lab.ipc" } }
  echo = { type = "nanomsg", in = { endpoints = "ipc://${folder}/lab.ipc", signals = "3f" } }
  spare = { type = "loopback" }
}
paths = ( { in = "generator", out = "lab" }, { in = "echo[0-1]" } )
`;

/** Starts the program; resolves when it serves its page. */
async function serve(): Promise<{ child: Child; address: string }> {
  const config = join(folder, "lab.conf");
  writeFileSync(config, CONFIG);
  const child = start(CURRENT.command, [
    ...[...CURRENT.args, join(PROJECT, "cli", "villas.ts"), "node", config, "--page", "0"],
  ]);
  const line = await child.line(/ Open http/);
  return { child, address: line.replace(/.* Open /, "").trim() };
}

for (const browser of BROWSERS) {
  const { name, skip } = browser;
  const options = { skip };

  for (const colorScheme of browser.colorSchemes) {
    test(
      `${name}: the page shows nodes, paths, their rates and live plots, in ${colorScheme}`,
      options,
      async () => {
        const { child, address } = await serve();
        await using _child = child;
        const { page, problems } = await browser.open(address, {
          colorScheme,
          viewport: { width: 1280, height: 1000 },
        });
        await shows(page, "#status", /^Live$/);
        await shows(page, ".chart-title", /^\[ generator \] => \[ lab \]$/);
        await shows(page, ".chart-title", /^\[ echo \] => \[ {2}\]$/);
        await shows(page, ".legend button", /^voltage \[V\]-?\d/);
        // 100 a second, give or take what a busy machine does to two seconds.
        await shows(page, "#nodes tr", /^generatorrt=yes, rate=100signal\.v2(\d{2,3}(\.\d+)?)0/);
        await shows(page, "#nodes tr", /^sparenot used by any pathloopback/);
        await shows(page, "#paths tr", /^\[ generator \] => \[ lab \]\d+/);
        await until(page, () => {
          const canvas = document.querySelector<HTMLCanvasElement>(".chart canvas")!;
          return canvas.width > 300;
        });
        assert.ok(await drawn(page, 0) > 2000);
        assert.equal(await attribute(page, ".legend button", "aria-pressed"), "true");
        await page.click(".legend button");
        assert.equal(await attribute(page, ".legend button", "aria-pressed"), "false");
        await page.click(".legend button");
        await until(
          page,
          () => document.querySelector('.plot[aria-label*="Latest: voltage "]') !== null,
        );
        await picture(page, browser, `villas-${colorScheme}`);
        assert.deepEqual(problems, []);
        await page.close();
        child.kill("SIGTERM");
        assert.equal((await child.finished()).code, 0);
      },
    );
  }

  test(`${name}: the page fits a phone, and says when the gateway is lost`, options, async () => {
    const { child, address } = await serve();
    await using _child = child;
    const { page, problems } = await browser.open(address, {
      colorScheme: browser.colorSchemes.at(-1)!,
      viewport: { width: 390, height: 844 },
    });
    await shows(page, ".legend button", /^voltage \[V\]-?\d/);
    await shows(page, "#nodes tr", /^generator/);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `the page is ${width} wide on a phone`);
    await picture(page, browser, "villas-phone");
    child.kill("SIGKILL");
    await shows(page, "#status", /^Gateway lost$/);
    assert.deepEqual(problems, []);
    await page.close();
  });
}

test("a page of another origin is refused, and other paths are not there", async () => {
  const { child, address } = await serve();
  await using _child = child;
  assert.equal((await fetch(`${address}nothing`)).status, 404);
  const response = await fetch(address);
  assert.match(response.headers.get("Content-Security-Policy") ?? "", /default-src 'none'/);
  assert.match(await response.text(), /<title>villas node<\/title>/);
});

test("a report has the newest samples, thinned out, of every type of value", async () => {
  await using running = await run({
    nodes: { aa: { type: "loopback", signals: "1f1i1b1c", builtin: false } },
    paths: [{ in: "aa" }],
  });
  const gatherer = new Gatherer(running.gateway);
  const path = running.gateway.paths[0]!;
  const sample = (n: number) => ({
    signals: dtypes("1f1i1b1c"),
    values: [Number.NaN, BigInt(n), true, { real: 3, imag: 4 }],
    origin: [100 + n, 500_000_000] as const,
  });
  await path.take(
    running.gateway.nodes.get("aa")!,
    Array.from({ length: 120 }, (_, n) => sample(n)),
  );
  const { values, nodes, paths } = gatherer.take();
  assert.equal(values.length, 1);
  const { times, rows } = values[0]!;
  assert.equal(times.length, 40);
  assert.equal(times.at(-1), 219.5);
  assert.deepEqual(rows.map((row) => row.at(-1)), [null, 119, 1, 5]);
  assert.deepEqual([nodes[0]!.name, paths[0]!.read], ["aa", 120]);
  assert.deepEqual(gatherer.take().values, []);
});

test("the history of a path forgets what is old, and begins anew when time goes back", () => {
  const history = new History();
  const add = (times: number[]) =>
    history.add({
      path: 0,
      signals: [{ name: "a", unit: "" }],
      times,
      rows: [times.map((time) => time * 2)],
    });
  assert.equal(add([1, 2]), true);
  assert.equal(add([3]), false);
  assert.deepEqual([history.times, history.rows], [[1, 2, 3], [[2, 4, 6]]]);
  add([2.5]);
  assert.deepEqual([history.times, history.rows], [[2.5], [[5]]]);
  add(Array.from({ length: 2000 }, (_, n) => 3 + n / 10));
  assert.ok(history.times[0]! > 90);
  assert.equal(history.times.length, history.rows[0]!.length);
});
