/** A page that shows what a publisher says, in real browsers. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { BROWSERS, closeBrowsers } from "../browser/browsers.ts";
import { until } from "../browser/pages.ts";
import { found, startProgram } from "./programs.ts";

after(closeBrowsers);

for (const browser of BROWSERS) {
  const options = { skip: browser.skip };

  test(
    `${browser.name}: the page has a line for each topic, and shows what comes`,
    options,
    async () => {
      await using publisher = startProgram("live/publisher.ts", { env: { PORT: "0" } });
      const [address] = await found(publisher, /^Open (\S+)$/);
      const { page, problems } = await browser.open(address!);
      await until(page, () => document.querySelector("pre")!.textContent.includes("\n"));
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
      assert.deepEqual([problems, publisher.stderr], [[], ""]);
      await page.close();
    },
  );
}
