/** Bundles blocks as a page's author would: what they import from us has to be there, in the doors for pages. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../helpers/process.ts";
import { PROJECT } from "../helpers/runtimes.ts";

const OURS = "@nanostreams/nanostreams";
/** The doors that bundlers take for pages. */
const FOR_PAGES: Readonly<Record<string, string>> = {
  [OURS]: "browser.ts",
  [`${OURS}/zmtp`]: "zmtp/browser.ts",
};

/** Bundles a file; rejects with esbuild's words if it cannot. */
export async function bundle(
  file: string,
  options: { page: boolean },
): Promise<void> {
  const aliases = Object.entries(FOR_PAGES).map(([name, path]) =>
    `--alias:${name}=${join(PROJECT, path)}`
  );
  const { code, stderr } = await run(
    join(PROJECT, "node_modules", ".bin", "esbuild"),
    [
      file,
      "--bundle",
      "--format=esm",
      "--log-level=warning",
      "--outfile=/dev/null",
      ...options.page ? ["--platform=browser", ...aliases] : ["--platform=node"],
      // Other packages are theirs to check; a file of the reader's may be anywhere.
      ...options.page ? [] : [
        "--external:electron",
        "--external:react*",
        "--external:cloudflare:*",
      ],
    ],
  );
  if (code !== 0) throw new Error(stderr);
}

/** Writes the module scripts of HTML as files, and returns their paths. The one-file package is the door for pages. */
export function scriptsOf(html: string, path: string): string[] {
  const scripts = html.matchAll(/<script type="module">([\s\S]*?)<\/script>/g);
  return [...scripts].map(([, script], index) => {
    const file = `${path}-${index}.js`;
    writeFileSync(
      file,
      script!.replaceAll(/(["'])[^"'\n]*\/browser\.js\1/g, `"${OURS}"`),
    );
    return file;
  });
}
