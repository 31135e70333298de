/* Links of pages that lead out of docs/, into the repository: on the site they lead to where it is published. */

import { readFileSync } from "node:fs";
import { posix } from "node:path";

const MANIFEST = new URL("../../package.json", import.meta.url);

/** The address of the repository, of `package.json`; undefined if it names none. */
export function repository(): string | undefined {
  const { repository } = JSON.parse(readFileSync(MANIFEST, "utf8")) as {
    repository?: string | { url: string };
  };
  const url = typeof repository === "object" ? repository.url : repository;
  return url?.replace(/^git\+/, "").replace(/\.git$/, "");
}

/** Where the link of a page leads on the site: into the repository if it leaves the pages' folder. */
export function linkOnSite(link: string, page: string): string {
  if (/^([a-z]+:|\/|#)/.test(link)) return link;
  const path = posix.normalize(posix.join(posix.dirname(page), link));
  if (!path.startsWith("../")) return link;
  return `${repository() ?? "https://jsr.io/@nanostreams/nanostreams"}/blob/main/${path.slice(3)}`;
}
