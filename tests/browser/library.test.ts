/** The library in a real browser: both of npm's builds for pages, against our own sockets and nanomsg's. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "puppeteer-core";
import type * as Library from "../../browser.ts";
import { type PeerInfo, Pub, Rep, Req, Sub } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { freePort } from "../conformance/transports.ts";
import { text } from "../helpers/bytes.ts";
import { NANOCAT } from "../helpers/peers.ts";
import { start } from "../helpers/process.ts";
import { BROWSERS, closeBrowsers, serve, type Site, type TestBrowser } from "./browsers.ts";
import { buildPackage, type Package } from "./package.ts";

/** The page is from another port than its peers listen on. */
const FROM_ELSEWHERE = { webSocket: { origin: "*" } };

/** Answers in a worker of the page, and asks the page in turn. */
const WORKER = `
  import { attachInproc, Rep, Req } from "/FILE";
  attachInproc();
  const rep = new Rep();
  await rep.bind("inproc://worker");
  const req = new Req();
  req.connect("inproc://page");
  rep.serve(async (question) => {
    const answer = await req.request(question);
    return new TextDecoder().decode(answer) + ", says the worker";
  });
`;

/** Answers, until it is told to end. */
const MORTAL = `
  import { attachInproc, Rep } from "/browser.js";
  attachInproc();
  const rep = new Rep();
  await rep.bind("inproc://mortal");
  rep.serve((question) => question);
  onmessage = () => close();
`;

let built: Package;
let site: Site;
if (BROWSERS.some(({ skip }) => !skip)) {
  before(async () => {
    built = await buildPackage();
    site = await serve(built.folder, {
      "worker_browser.js": WORKER.replace("FILE", "browser.js"),
      "worker_mod_browser.js": WORKER.replace("FILE", "mod_browser.js"),
      "mortal.js": MORTAL,
    });
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

/** Opens a subscriber in the page, which is `sub` there. */
async function subscribe(page: Page, file: string, address: string): Promise<void> {
  await page.evaluate(async ([file, address]) => {
    const { Sub }: typeof Library = await import(file!);
    const sub = new Sub({ subscribe: "", reconnectMin: 10, reconnectMax: 100 });
    sub.connect(address!);
    Object.assign(globalThis, { sub });
  }, [`/${file}`, address]);
}

/** The next message of the page's subscriber. */
function next(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const { sub } = globalThis as unknown as { sub: Library.Sub };
    return new TextDecoder().decode(await sub.receive());
  });
}

for (const browser of BROWSERS) {
  const { name, skip } = browser;
  const options = { skip };

  for (const file of ["browser.js", "mod_browser.js"]) {
    test(
      `${name}, ${file}: a page hears our publisher, whom it asks for one subprotocol`,
      options,
      async () => {
        const peers: PeerInfo[] = [];
        await using pub = new Pub({ ...FROM_ELSEWHERE, accept: (peer) => peers.push(peer) > 0 });
        const { address } = await pub.bind("ws://127.0.0.1:0/any/path?at=all");
        await inPage(browser, async (page) => {
          await subscribe(page, file, address);
          await pub.peers(1);
          await pub.send("hello");
          assert.equal(await next(page), "hello");
        });
        const [peer] = peers;
        assert.equal(peer?.headers?.get("sec-websocket-protocol"), "pub.sp.nanomsg.org");
        assert.equal(peer?.headers?.get("origin"), site.address.slice(0, -1));
        assert.equal(peer?.path, "/any/path?at=all");
      },
    );

    test(
      `${name}, ${file}: a page of another origin is refused unless its origin is named`,
      options,
      async () => {
        await using pub = new Pub();
        const log = new EventLog(pub);
        const refusing = await pub.bind("ws://127.0.0.1:0");
        const origin = site.address.slice(0, -1);
        const taking = await pub.bind("ws://127.0.0.1:0", { webSocket: { origin } });
        await inPage(browser, async (page) => {
          await subscribe(page, file, taking.address);
          await pub.peers(1);
          await pub.send("for you");
          assert.equal(await next(page), "for you");
        });
        // Browsers say of each try in vain that it was in vain.
        const { page } = await browser.open(site.address);
        await subscribe(page, file, refusing.address);
        const { reason } = await log.next("rejected");
        await page.close();
        assert.equal(reason.code, "EREJECTED");
        assert.ok(reason.message.includes(`Origin "${origin}" is not allowed: bind with`));
      },
    );

    test(`${name}, ${file}: a page survives the restart of its publisher`, options, async () => {
      const { host, port } = await freePort();
      const address = `ws://${host}:${port}/`;
      await inPage(browser, async (page) => {
        for (const message of ["before", "after"]) {
          await using pub = new Pub(FROM_ELSEWHERE);
          await pub.bind(address);
          if (message === "before") await subscribe(page, file, address);
          await pub.peers(1);
          await pub.send(message);
          assert.equal(await next(page), message);
        }
      });
    });

    test(`${name}, ${file}: a page hears nanomsg's publisher`, {
      skip: browser.skip || NANOCAT.skip,
    }, async () => {
      const { host, port } = await freePort();
      const address = `ws://${host}:${port}`;
      await using _nanocat = start(NANOCAT.command, [
        ...["--pub", "--bind", address, "--data", "cpu 42", "--interval", "0.05"],
      ]);
      await inPage(browser, async (page) => {
        await subscribe(page, file, address);
        assert.equal(await next(page), "cpu 42");
        assert.equal(await next(page), "cpu 42");
      });
    });

    test(`${name}, ${file}: a page asks, and is asked`, options, async () => {
      await using rep = new Rep(FROM_ELSEWHERE);
      const service = await rep.bind("ws://127.0.0.1:0");
      rep.serve((question) => question.toReversed());
      await using req = new Req(FROM_ELSEWHERE);
      const asker = await req.bind("ws://127.0.0.1:0");
      await inPage(browser, async (page) => {
        const answers = await page.evaluate(async ([file, service, asker]) => {
          const { Rep, Req }: typeof Library = await import(file!);
          const rep = new Rep();
          rep.connect(asker!);
          rep.serve((question) => `${new TextDecoder().decode(question)} from the page`);
          const req = new Req();
          req.connect(service!);
          const questions = Array.from({ length: 50 }, (_, i) => `${i}`.padStart(3, "0"));
          const replies = await Promise.all(questions.map((question) => req.request(question)));
          return replies.map((reply) => new TextDecoder().decode(reply));
        }, [`/${file}`, service.address, asker.address]);
        assert.equal(answers.length, 50);
        assert.equal(answers[12], "210");
        assert.equal(text(await req.request("hello")), "hello from the page");
      });
    });

    test(`${name}, ${file}: a page publishes a megabyte at a time`, options, async () => {
      await using sub = new Sub({ ...FROM_ELSEWHERE, subscribe: "", maxMessageSize: 2 ** 21 });
      const { address } = await sub.bind("ws://127.0.0.1:0");
      await inPage(browser, async (page) => {
        const sent = page.evaluate(async ([file, address]) => {
          const { Pub }: typeof Library = await import(file!);
          const pub = new Pub({ sendBuffer: 2 ** 22, overflow: "block" });
          pub.connect(address!);
          await pub.peers(1);
          for (let i = 0; i < 12; i++) await pub.send(new Uint8Array(2 ** 20).fill(i));
        }, [`/${file}`, address]);
        for (let i = 0; i < 12; i++) {
          const message = await sub.receive();
          assert.equal(message.length, 2 ** 20);
          assert.equal(message[i], i);
        }
        await sent;
      });
    });
  }

  for (const [ours, theirs] of [["browser.js", "browser.js"], ["browser.js", "mod_browser.js"]]) {
    test(
      `${name}: a page with ${ours} and its worker with ${theirs} reach each other`,
      options,
      async () => {
        await inPage(browser, async (page) => {
          const answer = await page.evaluate(async ([file, worker]) => {
            const { attachInproc, Rep, Req }: typeof Library = await import(file!);
            attachInproc(new Worker(worker!, { type: "module" }));
            const rep = new Rep();
            await rep.bind("inproc://page");
            rep.serve((question) => new TextDecoder().decode(question).toUpperCase());
            const req = new Req();
            req.connect("inproc://worker");
            const large = "x".repeat(300_000);
            const [small, long] = await Promise.all([req.request("hello"), req.request(large)]);
            return `${new TextDecoder().decode(small)}; ${long.length}`;
          }, [`/${ours}`, `/worker_${theirs}`]);
          assert.equal(answer, "HELLO, says the worker; 300017");
        });
      },
    );
  }

  for (const how of ["terminated", "at its end"]) {
    test(
      `${name}: a page is told that its worker is ${how}, and reaches the next`,
      options,
      async () => {
        await inPage(browser, async (page) => {
          const told = await page.evaluate(async (how) => {
            const file = "/browser.js";
            const { attachInproc, Req }: typeof Library = await import(file);
            const workers = [0, 1].map(() => new Worker("/mortal.js", { type: "module" }));
            const first = attachInproc(workers[0]!);
            const req = new Req({ reconnectMin: 5, reconnectMax: 50 });
            req.connect("inproc://mortal");
            const events = req.events().getReader();
            await req.request("are you there?");
            if (how === "terminated") workers[0]!.terminate();
            else workers[0]!.postMessage("end");
            await first.closed;
            const told: unknown[] = [];
            for (let i = 0; i < 2; i++) {
              const { value } = await events.read();
              told.push([
                value!.type,
                (value as { reason?: { code: string } }).reason?.code ?? null,
              ]);
            }
            attachInproc(workers[1]!);
            told.push(new TextDecoder().decode(await req.request("and you?")));
            return told;
          }, how);
          assert.deepEqual(told, [["attached", null], ["detached", "ECONNRESET"], "and you?"]);
        });
      },
    );
  }

  test(`${name}: a page is told what it cannot do`, options, async () => {
    await inPage(browser, async (page) => {
      const errors = await page.evaluate(async () => {
        const file = "/mod_browser.js";
        const { Pair }: typeof Library = await import(file);
        const pair = new Pair();
        const errors: string[] = [];
        for (const address of ["tcp://127.0.0.1:1", "ipc:///tmp/x", "ws://"]) {
          try {
            pair.connect(address);
          } catch (error) {
            errors.push((error as Error).message);
          }
        }
        await pair.bind("ws://127.0.0.1:0").catch(({ message }) => errors.push(message));
        return errors;
      });
      const known = "expected one of inproc://, ws://, wss://";
      const unknown = (scheme: string) => `unknown scheme "${scheme}", ${known}`;
      assert.equal(errors[0], `Cannot connect to "tcp://127.0.0.1:1": ${unknown("tcp")}`);
      assert.equal(errors[1], `Cannot connect to "ipc:///tmp/x": ${unknown("ipc")}`);
      assert.match(errors[2]!, /^Cannot connect to "ws:\/\/": /);
      assert.equal(errors[3], 'Cannot bind to "ws://127.0.0.1:0": a browser can only connect');
    });
  });
}
