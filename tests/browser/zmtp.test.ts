/** ZMTP in a real browser: the package's door for pages, against our sockets and zeromq.js. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "puppeteer-core";
import type * as Library from "../../zmtp/browser.ts";
import { Pub, Rep } from "../../zmtp/mod.ts";
import { text } from "../helpers/bytes.ts";
import { sharedProcess, skip } from "../zmtp/peers/zeromq.ts";
import { BROWSERS, closeBrowsers, serve, type Site, type TestBrowser } from "./browsers.ts";
import { buildPackage, type Package } from "./package.ts";

const zeromq = sharedProcess();

/** The page is from another port than its peers listen on. */
const FROM_ELSEWHERE = { webSocket: { origin: "*" } };

let built: Package;
let site: Site;
if (BROWSERS.some(({ skip }) => !skip)) {
  before(async () => {
    built = await buildPackage();
    site = await serve(built.folder, {});
  });
  after(async () => {
    await closeBrowsers();
    await site?.[Symbol.asyncDispose]();
    built?.remove();
  });
}

/** A page of its own, closed with all its sockets when the test ends. */
async function inPage(browser: TestBrowser, use: (page: Page) => Promise<void>): Promise<void> {
  const { page, problems } = await browser.open(site.address);
  await use(page);
  await page.close();
  assert.deepEqual(problems.filter((problem) => !problem.startsWith("asked for")), []);
}

/** The first message that a subscriber in the page gets, frame by frame. */
function hear(page: Page, address: string): Promise<string[]> {
  return page.evaluate(async ([file, address]) => {
    const { Sub }: typeof Library = await import(file!);
    const sub = new Sub({ subscribe: "news", reconnectMin: 10, reconnectMax: 100 });
    sub.connect(address!);
    const frames = await sub.receive();
    await sub.close();
    return frames.map((frame) => new TextDecoder().decode(frame));
  }, ["/zmtp_browser.js", address]);
}

for (const browser of BROWSERS) {
  const { name } = browser;
  const options = { skip: browser.skip };

  test(
    `${name}: a page hears our ZMTP publisher, what it has subscribed to alone`,
    options,
    async () => {
      await using pub = new Pub(FROM_ELSEWHERE);
      const { address } = await pub.bind("ws://127.0.0.1:0");
      await inPage(browser, async (page) => {
        const heard = hear(page, address);
        await pub.subscribed("news");
        await pub.send("other");
        await pub.send(["news", "", "at last"]);
        assert.deepEqual(await heard, ["news", "", "at last"]);
      });
    },
  );

  test(`${name}: a page asks our ZMTP REP, several at once`, options, async () => {
    await using rep = new Rep(FROM_ELSEWHERE);
    const { address } = await rep.bind("ws://127.0.0.1:0");
    rep.serve(([question]) => [`${text(question!)}?`, "yes"]);
    await inPage(browser, async (page) => {
      const replies = await page.evaluate(async ([file, address]) => {
        const { Req }: typeof Library = await import(file!);
        const req = new Req({ correlate: true });
        req.connect(address!);
        const all = await Promise.all(["a", "b", "c"].map((question) => req.request(question)));
        await req.close();
        return all.map((frames) => frames.map((frame) => new TextDecoder().decode(frame)));
      }, ["/zmtp_browser.js", address]);
      assert.deepEqual(replies, [["a?", "yes"], ["b?", "yes"], ["c?", "yes"]]);
    });
  });

  test(`${name}: a page hears the publisher of zeromq.js`, {
    skip: browser.skip || skip,
  }, async () => {
    const publisher = await (await zeromq()).socket("XPublisher");
    const address = await publisher.bind("ws://127.0.0.1:*");
    await inPage(browser, async (page) => {
      const heard = hear(page, address);
      await publisher.receive(1);
      await publisher.send("other", ["news", "of the world"]);
      assert.deepEqual(await heard, ["news", "of the world"]);
    });
  });
}
