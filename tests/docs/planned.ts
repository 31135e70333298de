/** Pages of the sidebar that are not written yet. A link to one of them is no fault; this list is to become empty. */

import { join } from "node:path";

export const PLANNED: readonly string[] = [
  "bridges",
  "codecs",
  "delivery",
  "errors",
  "events",
  "interoperation",
  "moving",
  "observe",
  "operating",
  "options",
  "patterns/bus",
  "patterns/device",
  "patterns/index",
  "patterns/pair",
  "patterns/pipeline",
  "patterns/pubsub",
  "patterns/reqrep",
  "patterns/survey",
  "performance",
  "proving_ground",
  "recipes",
  "rpc",
  "security",
  "stability",
  "start/browser",
  "start/bun",
  "start/deno",
  "start/node",
  "streams",
  "troubleshooting",
  "typed",
];

/** Whether a link of a page leads to such a page. */
export function isOnItsWay(page: string, target: string): boolean {
  const [path = ""] = target.split("#");
  const file = path.startsWith("/") ? `docs${path}` : join(page, "..", path).replaceAll("\\", "/");
  const name = file.replace(/^docs\//, "").replace(/\.md$/, "").replace(
    /\/$/,
    "/index",
  );
  return PLANNED.includes(name);
}
