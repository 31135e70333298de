/** `docs/zmtp.md`: whether it says what is there. `npm run check` runs its examples. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as zmtp from "../../zmtp/mod.ts";
import { PROJECT } from "../helpers/runtimes.ts";

const EXAMPLES = join(PROJECT, "examples", "zmtp");
const page = readFileSync(join(PROJECT, "docs", "zmtp.md"), "utf8");

const SOCKETS = {
  Dealer: zmtp.Dealer,
  Pair: zmtp.Pair,
  Pub: zmtp.Pub,
  Pull: zmtp.Pull,
  Push: zmtp.Push,
  Rep: zmtp.Rep,
  Req: zmtp.Req,
  Router: zmtp.Router,
  Sub: zmtp.Sub,
  XPub: zmtp.XPub,
  XSub: zmtp.XSub,
};

/** The options of a socket, as the error says that refuses an unknown one. */
function optionsOf(Socket: new (options: never) => unknown): string[] {
  try {
    new Socket({ nonsense: true } as never);
  } catch (error) {
    return (error as Error).message.split("there are: ")[1]!.split(", ");
  }
  throw new assert.AssertionError({ message: "an unknown option is taken" });
}

test("the page has the ported examples as they are, but for the first line", () => {
  const files = readdirSync(EXAMPLES);
  assert.equal(files.length, 6);
  for (const file of files) {
    const code = readFileSync(join(EXAMPLES, file), "utf8").replace(/^\/\/.*\n/, "");
    assert.ok(
      page.includes(
        `\`examples/zmtp/${file}\`:\n\n\`\`\`ts file=examples/zmtp/${file}\n${code}\`\`\``,
      ),
      file,
    );
  }
});

test("the page names every option of every socket", () => {
  const options = new Set(Object.values(SOCKETS).flatMap(optionsOf));
  const missing = [...options].filter((option) =>
    !new RegExp(`\`[^\`]*\\b${option}\\b`).test(page)
  );
  assert.deepEqual(missing, []);
});

test("the page names every reason for a drop that is ZMTP's own, and every socket", () => {
  for (const name of [...Object.keys(SOCKETS), "unroutable", "unwanted"]) {
    assert.ok(page.includes(`\`${name}\``), name);
  }
});

test("the files that the page links to are there", () => {
  const links = [...page.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path!);
  assert.ok(links.length > 0);
  for (const path of links) assert.ok(existsSync(join(PROJECT, "docs", path)), path);
});
