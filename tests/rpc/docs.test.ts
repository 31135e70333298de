/** `docs/rpc.md`: whether it says what is there. `npm run check` runs its examples. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Rep, Req } from "../../mod.ts";
import { rpcClient, RpcCode, serveRpc } from "../../rpc/mod.ts";
import { PROJECT } from "../helpers/runtimes.ts";

const page = readFileSync(join(PROJECT, "docs", "rpc.md"), "utf8");

/** The options that an error names, which refuses an unknown one. */
async function optionsIn(refused: Promise<unknown>): Promise<string[]> {
  const error: Error = await refused.then(() => assert.fail("it is taken"), (error) => error);
  return error.message.split("there are: ")[1]!.split(", ");
}

test("the page names every option", async () => {
  await using rep = new Rep();
  await using req = new Req();
  const nonsense = { nonsense: true } as object;
  const options = [
    ...await optionsIn(serveRpc(rep, { one: () => 1 }, nonsense)),
    ...await optionsIn((async () => await rpcClient(req, nonsense))()),
    ...await optionsIn(rpcClient(req).$call("one", [], nonsense)),
  ];
  for (const option of options) assert.ok(page.includes(`\`${option}\``), option);
});

test("the page names every code", () => {
  for (const [name, code] of Object.entries(RpcCode)) {
    assert.match(page, new RegExp(`\\| \`${name}\` +\\| ${code} \\|`));
  }
});
