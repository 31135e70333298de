/** examples/browser in a real browser: the page, its publisher, and others. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { History } from "../../examples/browser/page/history.ts";
import { readValues } from "../../examples/browser/page/values.ts";
import { freePort } from "../conformance/transports.ts";
import { NANOCAT } from "../helpers/peers.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { BROWSERS, closeBrowsers } from "./browsers.ts";
import { attribute, drawn, picture, shows, texts, until } from "./pages.ts";

after(closeBrowsers);

/** Starts the example's publisher; resolves when it serves its page. */
async function publish(host: string, port: number): Promise<{ child: Child; address: string }> {
  const file = join(PROJECT, "examples", "browser", "publisher.ts");
  const child = start(CURRENT.command, [
    ...[...CURRENT.args, file],
    ...["--host", host, "--port", String(port), "--interval", "50"],
  ]);
  const line = await child.line(/^Open /);
  return { child, address: line.slice("Open ".length).trim() };
}

for (const browser of BROWSERS) {
  const { name, skip } = browser;
  const options = { skip };

  for (const colorScheme of browser.colorSchemes) {
    test(
      `${name}: the page plots what its publisher says, in ${colorScheme}`,
      options,
      async () => {
        const { host } = await freePort();
        const { child, address } = await publish(host, 0);
        await using _child = child;
        const { page, problems } = await browser.open(address, {
          colorScheme,
          viewport: { width: 1280, height: 900 },
        });
        await shows(page, "#status-text", /^Live$/);
        await shows(page, ".chart-title", /^memory$/);
        await shows(page, "#peers", /^1$/);
        await shows(page, "#rate", /^[1-9]/);
        await shows(page, "#messages", /^[1-9]\d+ messages so far$/);
        assert.deepEqual(await texts(page, ".chart-title"), [
          "cpu",
          "memory",
          "timer",
          "publisher",
        ]);
        assert.ok(await drawn(page, 1) > 500);
        assert.match(await attribute(page, ".plot", "aria-label", 1) ?? "", /machine \d/);
        await picture(page, browser, colorScheme);
        const headings = await texts(page, "h1, h2");
        assert.equal(new Set(headings).size, headings.length, headings.join());
        assert.deepEqual(problems, []);
        await page.close();
      },
    );
  }

  test(
    `${name}: the page survives the restart of its publisher, and shows the gap`,
    options,
    async () => {
      const { host, port } = await freePort();
      const first = await publish(host, port);
      await using _first = first.child;
      const { page, problems } = await browser.open(first.address, {
        colorScheme: browser.colorSchemes.at(-1)!,
      });
      await shows(page, "#status-text", /^Live$/);
      await shows(page, ".chart-title", /^cpu$/);
      first.child.kill("SIGKILL");
      await first.child.exited;
      await shows(page, "#status-text", /^Publisher lost/);
      await shows(page, ".state", /^Lost$/);
      // What the socket has had is the publisher's, all of it.
      await until(page, () => {
        const total = document.querySelector("#messages")!.textContent.replace(/ .*/, "");
        return total !== "0" && total === document.querySelector("td.number")!.textContent;
      });
      await picture(page, browser, "lost");
      const second = await publish(host, port);
      await using _second = second.child;
      await shows(page, "#status-text", /^Live$/);
      await shows(page, "#reconnects", /^1 reconnect$/);
      await shows(page, "#log", /Back again: .*Lost: .*Connected: /);
      await shows(page, "#peers", /^1$/);
      await picture(page, browser, "back");
      assert.deepEqual(problems, []);
      await page.close();
    },
  );

  test(`${name}: the page plots what nanomsg's nanocat says as well`, {
    skip: skip || NANOCAT.skip,
  }, async () => {
    const { host, port } = await freePort();
    const { child, address } = await publish(host, 0);
    await using _child = child;
    const other = `ws://${host}:${port}`;
    await using _nanocat = start(NANOCAT.command, [
      ...["--pub", "--bind", other, "--data", "room 21.5°C", "--interval", "0.1"],
    ]);
    const { page } = await browser.open(address, { viewport: { width: 390, height: 844 } });
    await page.locator("#address").fill("udp://nowhere");
    await page.click("#add button");
    await shows(page, "#problem", /unknown scheme "udp"/);
    await page.locator("#address").fill(other);
    await page.click("#add button");
    await shows(page, ".chart-title", /^room$/);
    await shows(page, ".figure", /^21\.5°C$/);
    await shows(page, "#live", /^2$/);
    assert.deepEqual(await texts(page, "#problem"), [""]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 390, `the page is ${width} wide on a phone`);
    // The button to remove a publisher is within reach: nothing has to be moved to see it.
    const [end, inside, shown] = await page.evaluate((label) => {
      const button = document.querySelector(`button[aria-label="${label}"]`)!;
      const { scrollWidth, clientWidth } = document.querySelector(".scroll")!;
      return [button.getBoundingClientRect().right, scrollWidth, clientWidth] as const;
    }, `Remove ${other}`);
    assert.ok(end <= 390, `the button ends at ${end}`);
    assert.ok(inside <= shown, `the table is ${inside} wide, of which ${shown} are shown`);
    await picture(page, browser, "phone");
    await page.click(`button[aria-label="Remove ${other}"]`);
    await shows(page, "#known", /^1$/);
    await page.close();
  });

  test(
    `${name}: without a publisher the page says what to do, and goes on trying`,
    options,
    async () => {
      const { host, port } = await freePort();
      const { child, address } = await publish(host, 0);
      await using _child = child;
      const { page } = await browser.open(`${address}?connect=ws://${host}:${port}`);
      await shows(page, "#empty h2", /^No values yet$/);
      await shows(page, "#status-text", /^Connecting$/);
      await picture(page, browser, "empty");
      await page.close();
    },
  );
}

test("a message is read as lines of a name, a value with its unit, and a time", () => {
  const now = 1_763_765_100;
  assert.deepEqual(readValues("cpu.user 12.5% 1763765099500\n\nroom -3e2\nwhat is this", now), {
    wrong: 1,
    samples: [
      { group: "cpu", name: "user", value: 12.5, unit: "%", time: 1_763_765_099.5 },
      { group: "room", name: "room", value: -300, unit: "", time: now },
    ],
  });
  // Another machine's clock may be wrong, and Graphite counts in seconds.
  assert.equal(readValues("a 1 1000000000", now).samples[0]!.time, now);
  assert.equal(readValues("a 1 1763765098", now).samples[0]!.time, 1_763_765_098);
});

test("a line is broken where values stay away longer than usual", () => {
  const history = new History("cpu");
  for (const time of [0, 0.5, 1, 1.5, 2, 9, 9.5]) {
    history.add({ group: "cpu", name: "user", value: 1, unit: "%", time });
  }
  assert.deepEqual(history.times, [0, 0.5, 1, 1.5, 2, 2.001, 9, 9.5]);
  assert.deepEqual(history.columns, [[1, 1, 1, 1, 1, null, 1, 1]]);
  history.add({ group: "cpu", name: "system", value: 2, unit: "%", time: 9.5 });
  assert.deepEqual(history.columns[1], [...Array(7).fill(undefined), 2]);
  assert.equal(history.unit, "%");
});
