import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Pub, WebSocketMount } from "../../mod.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { Gatherer } from "./feed.ts";
import { type Files, pageFiles } from "./files.ts";

/** Where a page is served. */
export interface PageAddress {
  /** An address of this machine, or a name. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/** A page that is served. */
export interface ServedPage {
  /** As a browser takes it. */
  readonly address: string;
  /** Ends it. */
  close(): Promise<void>;
}

/** Time from one report to the next, in milliseconds. */
const INTERVAL = 100;

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** Nothing from elsewhere. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Serves a page with the nodes and paths of a gateway, and live plots of what goes through its paths. A PUB socket
 * on the same port feeds it.
 *
 * @param gateway One that was started.
 * @param at Where to listen.
 * @throws {Error} If the port is taken.
 */
export async function servePage(gateway: Gateway, at: PageAddress): Promise<ServedPage> {
  const files = await pageFiles();
  const pub = new Pub();
  const mount = new WebSocketMount();
  await pub.bind(mount, { webSocket: { path: "/feed" } });
  const server = createServer((request, response) => answer(files, request, response));
  server.on("upgrade", mount.upgrade);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(at.port, at.host, resolve);
    });
  } catch (cause) {
    await pub.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot serve the page at ${at.host}:${at.port}: ${reason}`, { cause });
  }
  const gatherer = new Gatherer(gateway);
  const timer = setInterval(() => {
    if (pub.stats().peers.length === 0) return gatherer.clear();
    pub.send(JSON.stringify(gatherer.take())).catch(() => {});
  }, INTERVAL);
  const bound = server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : at.port;
  const host = at.host.includes(":") ? `[${at.host}]` : at.host;
  return {
    address: `http://${host}:${port}/`,
    async close() {
      clearInterval(timer);
      for (const path of gateway.paths) path.watcher = undefined;
      await pub.close({ linger: 0 });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(files: Files, { url = "/" }: IncomingMessage, response: ServerResponse): void {
  const path = url.replace(/\?.*/s, "");
  const body = files.get(path);
  if (body === undefined) {
    response.writeHead(404, { "Content-Type": "text/plain" });
    response.end("There is no such page\n");
    return;
  }
  const extension = path === "/" ? "html" : path.replace(/^.*\./, "");
  response.writeHead(200, {
    "Content-Type": TYPES[extension] ?? "application/octet-stream",
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(body);
}
