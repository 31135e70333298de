/** Real browsers, without a window, and a server for them to load pages from. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import puppeteer, { type Browser, type LaunchOptions, type Page } from "puppeteer-core";
import { findPeer } from "../helpers/peers.ts";

/** How long a page may take for anything, in milliseconds. */
export const PATIENCE = 30_000;

/** What Firefox says of each WebSocket that cannot connect, as if nobody had caught it. */
const LOST_CONNECTION =
  /Firefox can.t establish a connection to the server at wss?:|The connection to wss?:\S* was interrupted/;

/** What a page that was opened has to say. */
export interface Opened {
  readonly page: Page;
  /** What went wrong in it, and what it asked of other servers. */
  readonly problems: string[];
}

/** How a page looks. */
export interface Look {
  /** Only where `colorSchemes` has it. */
  readonly colorScheme?: "light" | "dark";
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** One browser, which is started when it is first asked for a page. All pages of a test file share it. */
export class TestBrowser {
  readonly name: string;
  /** For `node:test`: why tests that need it are skipped, or false if it is there. */
  readonly skip: string | false;
  /** Firefox changes that by a setting of its user's alone. */
  readonly colorSchemes: readonly ("light" | "dark")[];
  readonly #options: LaunchOptions;
  #browser: Promise<Browser> | undefined;

  constructor(
    command: string,
    colorSchemes: readonly ("light" | "dark")[],
    options: LaunchOptions,
  ) {
    this.name = command.replace("-esr", "");
    this.skip = findPeer(command, command).skip;
    this.colorSchemes = colorSchemes;
    this.#options = {
      // Their profile is a folder of its own, which goes when they end.
      ...{ executablePath: `/usr/bin/${command}`, headless: true, timeout: PATIENCE },
      ...options,
    };
  }

  /** Opens a page. */
  async open(address: string, { colorScheme, viewport }: Look = {}): Promise<Opened> {
    this.#browser ??= puppeteer.launch(this.#options);
    const page = await (await this.#browser).newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.setViewport({ width: 1280, height: 720, ...viewport });
    if (colorScheme === "dark") {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: colorScheme }]);
    }
    const problems: string[] = [];
    page.on("pageerror", (error) => {
      const text = String((error as Error).stack ?? error);
      if (!LOST_CONNECTION.test(text)) problems.push(text);
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(address)) problems.push(`asked for ${request.url()}`);
    });
    await page.goto(address);
    return { page, problems };
  }

  /** Ends it, if it was started. */
  async close(): Promise<void> {
    await (await this.#browser)?.close();
    this.#browser = undefined;
  }
}

/** Debian's Chromium and Firefox. */
export const BROWSERS: readonly TestBrowser[] = [
  new TestBrowser("chromium", ["light", "dark"], {
    browser: "chrome",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  }),
  new TestBrowser("firefox-esr", ["light"], { browser: "firefox" }),
];

/** Ends what was started, when the tests of a file are over. */
export async function closeBrowsers(): Promise<void> {
  await Promise.all(BROWSERS.map((browser) => browser.close()));
}

/** A server of files. */
export interface Site extends AsyncDisposable {
  readonly address: string;
}

const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript" };

/** Serves an empty page, the files of a folder, and those that are given with their text. */
export async function serve(
  folder: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const server = createServer(({ url = "/" }, response) => {
    const name = url === "/" ? "index.html" : url.slice(1);
    try {
      const body = name === "index.html"
        ? "<!doctype html><title>test</title>"
        : files[name] ?? readFileSync(join(folder, name));
      response.writeHead(200, { "Content-Type": TYPES[name.replace(/.*\./, "")] ?? "text/plain" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    address: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
