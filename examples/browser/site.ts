// The page as files in memory: bundled by esbuild when the publisher starts, so nothing has to be built first.
import { build } from "esbuild";
import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("page/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** Nothing from elsewhere; publishers may be anywhere. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; " +
  "img-src 'self'; connect-src ws: wss:; base-uri 'none'; form-action 'none'";

/** Bundles the page. Returns its files by path. */
export async function bundlePage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGE, "main.ts"), join(PAGE, "style.css")],
    outdir: "/",
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  const files = new Map<string, Uint8Array>();
  for (const { path, contents } of outputFiles) {
    files.set(path.replace(/^.*[/\\]/, "/"), contents);
  }
  files.set("/", await readFile(join(PAGE, "index.html")));
  files.set("/icon.svg", await readFile(join(PAGE, "icon.svg")));
  return files;
}

/** Answers requests for the page's files. */
export function serveFiles(
  files: ReadonlyMap<string, Uint8Array>,
): (request: IncomingMessage, response: ServerResponse) => void {
  return ({ url = "/" }, response) => {
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
    });
    response.end(body);
  };
}
