/** ZMTP in a real browser: the package's door for pages, against our sockets and zeromq.js. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import type * as Library from "../../zmtp/browser.ts";
import { Pub, Rep } from "../../zmtp/mod.ts";
import { text } from "../helpers/bytes.ts";
import { sharedProcess, skip } from "../zmtp/peers/zeromq.ts";
import { CHROMIUM, launch, open, serve, type Site } from "./chromium.ts";
import { buildPackage, type Package } from "./package.ts";

const options = { skip: CHROMIUM.skip };

const zeromq = sharedProcess();

/** The page is from another port than its peers listen on. */
const FROM_ELSEWHERE = { webSocket: { origin: "*" } };

let built: Package;
let site: Site;
let browser: Browser;

if (!CHROMIUM.skip) {
  before(async () => {
    built = await buildPackage();
    site = await serve(built.folder, {});
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
    built?.remove();
  });
}

/** A page of its own, closed with all its sockets when the test ends. */
async function inPage(use: (page: Page) => Promise<void>): Promise<void> {
  const { page, problems } = await open(browser, site.address);
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

test("a page hears our ZMTP publisher, what it has subscribed to alone", options, async () => {
  await using pub = new Pub(FROM_ELSEWHERE);
  const { address } = await pub.bind("ws://127.0.0.1:0");
  await inPage(async (page) => {
    const heard = hear(page, address);
    await pub.subscribed("news");
    await pub.send("other");
    await pub.send(["news", "", "at last"]);
    assert.deepEqual(await heard, ["news", "", "at last"]);
  });
});

test("a page asks our ZMTP REP, several at once", options, async () => {
  await using rep = new Rep(FROM_ELSEWHERE);
  const { address } = await rep.bind("ws://127.0.0.1:0");
  rep.serve(([question]) => [`${text(question!)}?`, "yes"]);
  await inPage(async (page) => {
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

test("a page hears the publisher of zeromq.js", {
  skip: CHROMIUM.skip || skip,
}, async () => {
  const publisher = await (await zeromq()).socket("XPublisher");
  const address = await publisher.bind("ws://127.0.0.1:*");
  await inPage(async (page) => {
    const heard = hear(page, address);
    await publisher.receive(1);
    await publisher.send("other", ["news", "of the world"]);
    assert.deepEqual(await heard, ["news", "of the world"]);
  });
});
