/**
 * The built site in Chromium: at a desktop's and a phone's width, light and dark. It downloads what builds it, and takes a minute: so
 * MATRIX=1 asks for it. Screenshots are in tests/docs/screenshots/: look at them when you change how the site looks.
 */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { type Browser, launch, type Page } from "puppeteer-core";
import { findPeer } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { guidePages } from "./markdown.ts";
import { type Served, serveFolder } from "./served.ts";

const CHROMIUM = findPeer("chromium", "chromium");
const SITE = join(PROJECT, "docs", ".vitepress", "dist");
const SCREENSHOTS = join(import.meta.dirname!, "screenshots");

const skip = CURRENT.name !== "node"
  ? "Node looks at the site once for all"
  : process.env["MATRIX"] !== "1"
  ? "the site downloads VitePress and TypeDoc: MATRIX=1 npm test -- --only=node tests/docs/site"
  : CHROMIUM.skip;
/** How long a test may take, in milliseconds: there are pages and pages. */
const timeout = 120_000;

const DESKTOP = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true };

let site: Served;
let browser: Browser;
/** What went wrong on any page. */
const problems: string[] = [];

before(async () => {
  if (skip !== false) return;
  await using build = start("node", ["scripts/run.mjs", "node", "scripts/build_docs.ts"], {
    cwd: PROJECT,
  });
  const { code, stderr } = await build.finished(timeout);
  assert.equal(code, 0, stderr);
  mkdirSync(SCREENSHOTS, { recursive: true });
  site = await serveFolder(SITE);
  browser = await launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
}, { timeout });

after(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
});

/** A tab that remembers what goes wrong in it. */
async function open(viewport: typeof DESKTOP, scheme: "light" | "dark" = "light"): Promise<Page> {
  const page = await browser.newPage();
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${String(error)}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(site.address) && !url.startsWith("data:")) {
      problems.push(`${page.url()}: asks for ${url}`);
    }
  });
  return page;
}

async function goTo(page: Page, path: string): Promise<void> {
  const response = await page.goto(site.address + path, { waitUntil: "load" });
  assert.equal(response?.status(), 200, path);
}

/** By how many pixels the page is wider than its window. */
function excess(page: Page): Promise<number> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
}

/** Pictures that do not show. */
function brokenPictures(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map((
      image,
    ) => image.src)
  );
}

const paths = guidePages().map((path) =>
  path.replace(/^docs\//, "").replace(/(index)?\.md$/, (_, index) => index ? "" : ".html")
);
const REFERENCE = ["api/index.html", "api/classes/_nanostreams_nanostreams.Pub.html"];

test("no page is wider than a desktop, or a phone", { skip, timeout }, async () => {
  const page = await open(DESKTOP);
  const faults: string[] = [];
  for (const path of [...paths.filter((path) => !/^cli\/[^p]/.test(path)), ...REFERENCE]) {
    await goTo(page, path);
    // One tab for both: to load a page takes much longer than to lay it out anew.
    for (const { width, height } of [DESKTOP, PHONE]) {
      await page.setViewport({ width, height });
      const pixels = await excess(page);
      if (pixels > 0) faults.push(`${path} is ${pixels} pixels wider than ${width}`);
    }
    const broken = await brokenPictures(page);
    faults.push(...broken.map((picture) => `${path} does not show ${picture}`));
  }
  await page.close();
  assert.deepEqual(faults, []);
});

for (const [name, viewport] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const scheme of ["light", "dark"] as const) {
    test(`the site is ${scheme} on a ${name} that is`, { skip, timeout }, async () => {
      const page = await open(viewport, scheme);
      for (const path of ["", "zmtp.html", "semantics.html", "how_it_works.html", ...REFERENCE]) {
        await goTo(page, path);
        const background = await page.evaluate(() =>
          getComputedStyle(document.body).backgroundColor
        );
        const [red = 0] = (background.match(/\d+/g) ?? []).map(Number);
        assert.ok(scheme === "dark" ? red < 100 : red > 200, `${path}: ${background}`);
        const file = `${path.replaceAll(/[/.]|html/g, "_") || "home"}-${name}-${scheme}.png`;
        await page.screenshot({ path: join(SCREENSHOTS, file) });
      }
      await page.close();
    });
  }

  test(`search finds a word on a ${name}, without a server`, { skip, timeout }, async () => {
    const page = await open(viewport);
    await goTo(page, "zmtp.html");
    await page.locator("#local-search button").click();
    await page.locator("#localsearch-input").fill("acknowledgements");
    const result = await page.waitForSelector("#localsearch-list a[href*='semantics']");
    await page.screenshot({ path: join(SCREENSHOTS, `search-${name}-light.png`) });
    await result!.click();
    await page.waitForFunction(() => location.pathname === "/semantics.html");
    await page.close();
  });
}

test("the reference has every door, and leads back to the guide", { skip, timeout }, async () => {
  const page = await open(DESKTOP);
  await goTo(page, "");
  await page.locator('.VPNav a[href="/api/index.html"]').click();
  await page.waitForFunction(() => location.pathname === "/api/index.html");
  const text = await page.evaluate(() => document.body.textContent ?? "");
  for (const door of ["@nanostreams/nanostreams", "@nanostreams/nanostreams/zmtp"]) {
    assert.ok(text.includes(door), door);
  }
  await page.waitForSelector('a[href="/"]');
  await page.close();
});

test("nothing went wrong on any page, and none asked another server", { skip }, () => {
  assert.deepEqual(problems, []);
});

test("every page of the guide has an address on the site", () => {
  assert.ok(paths.includes("") && paths.includes("cli/push.html"));
});
