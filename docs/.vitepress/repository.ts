/* Links of pages that lead out of docs/, into the repository: on the site they lead to where it is published. */

import { posix } from "node:path";

/** Where the repository is published. */
export const REPOSITORY = "https://github.com/nanostreams/nanostreams";

/** Where the link of a page leads on the site: into the repository if it leaves the pages' folder. */
export function linkOnSite(link: string, page: string): string {
  if (/^([a-z]+:|\/|#)/.test(link)) return link;
  const path = posix.normalize(posix.join(posix.dirname(page), link));
  if (!path.startsWith("../")) return link;
  return `${REPOSITORY}/blob/main/${path.slice("../".length)}`;
}
