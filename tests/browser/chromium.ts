/** A real Chromium, without a window, and a server for it to load pages from. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { findPeer, type Peer } from "../helpers/peers.ts";

/** Debian's Chromium. */
export const CHROMIUM: Peer = findPeer("chromium", "chromium");

/** How long a page may take for anything, in milliseconds. */
export const PATIENCE = 30_000;

/** Starts Chromium, with a profile of its own that goes when it is closed. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: "/usr/bin/chromium",
    timeout: PATIENCE,
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
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

/** Opens a page. What goes wrong in it goes into `problems`. */
export async function open(
  browser: Browser,
  address: string,
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(PATIENCE);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error.stack)));
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) problems.push(`asked for ${request.url()}`);
  });
  await page.goto(address);
  return { page, problems };
}
