/** The commands of README and of the guide print what they say. One runtime is enough: they start the others themselves. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import manifest from "../../package.json" with { type: "json" };
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { guidePages, parsePage } from "./markdown.ts";
import { commandsOf, ruleOf } from "./rules.ts";
import { Shell } from "./shell.ts";
import { withFreePorts, Workshop } from "./workshop.ts";

const paths = ["README.md", ...guidePages()].filter((path) => !path.startsWith("docs/cli/"));
const pages = paths.map((path) => parsePage(path, readFileSync(join(PROJECT, path), "utf8")));

/** What our package is called, where it is installed from. */
const NAMES = /^((?:jsr|npm):)?@nanostreams\/nanostreams(\/[a-z/]+)?$/;

test("commands that install take the package by its right name, and a door that there is", () => {
  const doors = Object.keys(manifest.exports).map((door) => door.slice(1));
  const programs = ["/cli", "/nanocat", "/nngcat", "/villas/cli"]; // on JSR
  for (const page of pages) {
    for (
      const block of page.blocks.filter((block) => ruleOf(block) === "form")
    ) {
      for (const command of commandsOf(block)) {
        const script = command.match(/^(?:npm run|deno task) ([\w:]+)/)?.[1];
        if (script !== undefined) {
          assert.ok(
            script in manifest.scripts,
            `${page.path}:${block.line}: ${script}`,
          );
        }
        for (
          const word of command.split(/\s+/).filter((word) => /nanostreams\//.test(word))
        ) {
          const door = word.match(NAMES)?.[2] ?? "";
          assert.match(word, NAMES, `${page.path}:${block.line}`);
          assert.ok(
            [...doors, ...programs].includes(door),
            `${page.path}:${block.line}: ${word}`,
          );
        }
      }
    }
  }
});

const skip = CURRENT.name === "node" ? false : "Node runs the commands once for all";
const withCommands = pages.filter(({ blocks }) =>
  blocks.some((block) => ["command", "terminal"].includes(ruleOf(block) ?? ""))
);
for (const { path } of withCommands) {
  test(
    `the commands of ${path} print what it says`,
    { skip, timeout: 50_000 },
    async () => {
      const page = parsePage(
        path,
        await withFreePorts(readFileSync(join(PROJECT, path), "utf8")),
      );
      using workshop = new Workshop();
      await using shell = new Shell(
        workshop.prepare(page),
        workshop.environment,
      );
      for (const block of page.blocks) {
        const rule = ruleOf(block);
        if (rule !== "command" && rule !== "terminal") continue;
        const problem = await shell.run(block, { waits: rule === "command" });
        assert.equal(problem, undefined, `${path}:${block.line}: ${problem}`);
      }
      assert.deepEqual(await shell.end(), []);
    },
  );
}

test(
  "a command is stopped once it has printed what is wanted",
  { skip },
  async () => {
    const fence = "```";
    const source =
      `${fence}sh\necho one; sleep 60\n${fence}\n\n${fence}text\none\n${fence}\n\n${fence}sh\nexit 3\n${fence}\n`;
    const page = parsePage("docs/x.md", source);
    using workshop = new Workshop();
    await using shell = new Shell(workshop.prepare(page), workshop.environment);
    const [first, , second] = page.blocks;
    assert.equal(await shell.run(first!, { waits: true }), undefined);
    assert.match(
      await shell.run(second!, { waits: true }) ?? "",
      /ended with status 3/,
    );
  },
);
