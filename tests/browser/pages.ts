/** What tests look for in pages, and how they look at them. */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Page } from "puppeteer-core";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { PATIENCE, type TestBrowser } from "./browsers.ts";

/** Not in git. */
const SCREENSHOTS = join(PROJECT, "tests", "browser", "screenshots");

/** Resolves when something in a page is true. Asked from outside, which a page's security policy does not forbid. */
export async function until(page: Page, condition: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!await page.evaluate(condition)) {
    if (performance.now() > end) throw new Error(`Cannot see in the page: ${condition}`);
    await setTimeout(20);
  }
}

/** The texts of elements, without the space around them. */
export function texts(page: Page, selector: string): Promise<string[]> {
  return page.$$eval(selector, (elements) => elements.map(({ textContent }) => textContent.trim()));
}

/** Resolves when the text of an element is as wanted. */
export async function shows(page: Page, selector: string, wanted: RegExp): Promise<void> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const seen = await texts(page, selector);
    if (seen.some((text) => wanted.test(text))) return;
    if (performance.now() > end) {
      throw new Error(`Cannot see ${wanted} in "${selector}": ${JSON.stringify(seen)}`);
    }
    await setTimeout(20);
  }
}

/** An attribute of the first element, or of another one. */
export async function attribute(
  page: Page,
  selector: string,
  name: string,
  index = 0,
): Promise<string | null> {
  const all = await page.$$eval(
    selector,
    (elements, name) => elements.map((element) => element.getAttribute(name)),
    name,
  );
  return all[index] ?? null;
}

/** How many pixels of a chart are not those of the background. */
export async function drawn(page: Page, chart: number): Promise<number> {
  return await page.evaluate((chart) => {
    const canvas = document.querySelectorAll<HTMLCanvasElement>(".chart canvas")[chart]!;
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((value, at) => at % 4 === 3 && value > 0).length;
  }, chart);
}

/** Keeps what a page looks like for people to see. */
export async function picture(page: Page, browser: TestBrowser, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const file = `${CURRENT.name}-${browser.name}-${name}.png` as const;
  await page.screenshot({ path: join(SCREENSHOTS, file) as typeof file, fullPage: true });
}
