/** A page that shows what a publisher says, in a real browser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CHROMIUM, launch, open } from "../browser/chromium.ts";
import { found, startProgram } from "./programs.ts";

test(
  "the page has a line for each topic, and shows what comes",
  { skip: CHROMIUM.skip },
  async () => {
    await using publisher = startProgram("live/publisher.ts", { env: { PORT: "0" } });
    const [address] = await found(publisher, /^Open (\S+)$/);
    const browser = await launch();
    try {
      const { page, problems } = await open(browser, address!);
      await page.waitForFunction(() => document.querySelector("pre")!.textContent.includes("\n"));
      const shown = await page.evaluate(() => {
        const lines = document.querySelector("pre")!;
        // Resolves when it shows the next message.
        return new Promise<string>((resolve) => {
          new MutationObserver(() => resolve(lines.textContent)).observe(lines, {
            childList: true,
          });
        });
      });
      const lines = shown.split("\n").sort();
      assert.equal(lines.length, 2);
      assert.match(lines[0]!, /^memory +\d+\.\d % █+$/);
      assert.match(lines[1]!, /^processors +\d+\.\d % █*$/);
      assert.deepEqual(problems, []);
    } finally {
      await browser.close();
    }
    assert.equal(publisher.stderr, "");
  },
);
