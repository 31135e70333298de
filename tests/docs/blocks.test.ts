/** The code of README and of the guide does what they say, on each runtime. tests/docs/rules.ts has the rules. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseLibconfig } from "../../villas/mod.ts";
import { run } from "../helpers/process.ts";
import { CURRENT, PROJECT, RUNTIMES } from "../helpers/runtimes.ts";
import { bundle, scriptsOf } from "./bundles.ts";
import { compileC, parsePython, parseScript } from "./others.ts";
import { type Block, guidePages, type Page, parsePage, readPage } from "./markdown.ts";
import { fileName, isListed, LISTED, requireRule, type Rule, ruleOf } from "./rules.ts";
import { matches, withFreePorts, Workshop } from "./workshop.ts";

/** Its commands are of the specification of the command line, whose examples tests/cli/nanostreams/examples.test.ts runs. */
const MADE = /^docs\/cli\//;

const paths = ["README.md", ...guidePages()].filter((path) => !MADE.test(path));
const workshop = new Workshop();
after(() => workshop[Symbol.dispose]());

/** A page, and its folder in the workshop. */
interface Place {
  page: Page;
  folder: string;
}
const places: Place[] = [];
before(async () => {
  for (const path of paths) {
    const source = await withFreePorts(
      readFileSync(join(PROJECT, path), "utf8"),
    );
    const page = parsePage(path, source);
    places.push({ page, folder: workshop.prepare(page) });
  }
});

/** The blocks for which a rule holds, with the file that each is in. */
function blocks(...rules: Rule[]): { block: Block; file: string }[] {
  return places.flatMap(({ page, folder }) =>
    page.blocks.filter((block) => rules.some((rule) => rule === ruleOf(block))).map(
      (block) => {
        const file = join(
          folder,
          fileName(block) ?? `line_${block.line}.${block.language}`,
        );
        if (!existsSync(file)) writeFileSync(file, block.text);
        return { block, file };
      },
    )
  );
}

/** The word after the language. */
function wordOf(info: readonly string[]): string {
  return info.find((word) => !/^[[{]/.test(word)) ?? "";
}

function where({ page, line }: Block): string {
  return `${page}:${line}`;
}

test("every block of code has a rule", () => {
  const problems = places.flatMap(({ page }) =>
    page.blocks.flatMap((block) => {
      try {
        requireRule(block);
        return [];
      } catch (error) {
        return [(error as Error).message];
      }
    })
  );
  assert.deepEqual(problems, []);
});

test("every block that is listed as an exception is there", () => {
  const all = blocks("listed").map(({ block }) => block);
  const gone = LISTED.filter((listed) => !all.some((block) => isListed(block, listed)));
  assert.deepEqual(gone, []);
});

test("examples run to their end, and print what the page says", async () => {
  const mine = blocks("run").filter(({ block: { info } }) =>
    ["", CURRENT.name as string].includes(wordOf(info))
  );
  assert.ok(mine.length > 5);
  const runner = join(import.meta.dirname!, "runner.ts");
  const args = [...CURRENT.args, runner, ...mine.map(({ file }) => file)];
  const { stdout, stderr } = await run(CURRENT.command, args, {
    env: workshop.environment,
  });
  const results = new Map(
    stdout.toString().trim().split("\n").map((line) => JSON.parse(line)).map((
      result: { file: string; output: string[]; problem?: string },
    ) => [result.file, result]),
  );
  const problems = mine.flatMap(({ block, file }) => {
    const result = results.get(file);
    if (result === undefined) return [`${where(block)}: did not run`];
    if (result.problem !== undefined) {
      return [`${where(block)}: ${result.problem}`];
    }
    const printed = result.output.map((line) => `${line}\n`).join("");
    if (block.output === undefined || matches(printed, block.output)) return [];
    return [`${where(block)}: printed\n${printed}instead of\n${block.output}`];
  });
  assert.deepEqual(problems, [], stderr);
});

const skip = CURRENT.name === "deno" ? false : "Deno checks the types once for all";
test("examples have the right types", { skip }, async () => {
  const typed = blocks("run", "file", "bundle").filter((
    { block: { language, info } },
  ) => language === "ts" && !info.includes("bun"));
  const deno = RUNTIMES.find(({ name }) => name === "deno")!;
  const { code, stderr } = await run(
    deno.command,
    ["check", "--quiet", ...typed.map(({ file }) => file)],
    { cwd: PROJECT, env: { NO_COLOR: "1" } },
  );
  assert.equal(code, 0, stderr);
});

test("examples for pages are bundled without a problem", async () => {
  const files = [
    ...blocks("bundle").map(({ file }) => file),
    ...blocks("html", "file").filter(({ block }) => block.language === "html")
      .flatMap((
        { block, file },
      ) => scriptsOf(block.text, file)),
  ];
  await Promise.all(files.map((file) => bundle(file, { page: true })));
});

test("examples for runtimes that are not here import what is there", async () => {
  await Promise.all(
    blocks("foreign").map(({ file }) => bundle(file, { page: false })),
  );
});

test("examples that are files of the repository are as those are", () => {
  // As they are written: with the ports of the page.
  const copies = paths.flatMap((path) => readPage(path).blocks).filter((block) =>
    ruleOf(block) === "copy"
  );
  assert.ok(copies.length > 0);
  for (const block of copies) {
    const path = block.info[0]!.slice("file=".length);
    const text = readFileSync(join(PROJECT, path), "utf8").replace(
      /^(\/\/.*\n)+\n?/,
      "",
    );
    assert.equal(block.text, text, `${where(block)}: ${path}`);
  }
});

test("examples of other libraries are what their compilers take", async () => {
  await Promise.all(blocks("js").map(({ file }) => parseScript(file)));
  await Promise.all(blocks("python").map(({ file }) => parsePython(file)));
  await Promise.all(blocks("c").map(({ file }) => compileC(file)));
});

test("data is what it claims to be", () => {
  for (const { block } of blocks("json")) JSON.parse(block.text);
  for (const { block } of blocks("conf")) parseLibconfig(block.text);
});

test("an example of each rule is told from the others", () => {
  const rule = (text: string) => {
    const { blocks } = parsePage("docs/x.md", text);
    return blocks.map(requireRule);
  };
  const fence = "```";
  assert.deepEqual(
    rule(`${fence}ts\nawait 1;\n${fence}\n\n${fence}text\n1\n${fence}\n`),
    [
      "run",
      "output",
    ],
  );
  assert.deepEqual(rule(`${fence}ts\n// push.ts\n${fence}\n`), ["file"]);
  assert.deepEqual(
    rule(`${fence}sh\nnpm install @nanostreams/nanostreams\n${fence}\n`),
    ["form"],
  );
  assert.deepEqual(rule(`${fence}sh\nnode push.ts # now\n${fence}\n`), [
    "command",
  ]);
  assert.throws(
    () => rule(`${fence}ts ignore\n1;\n${fence}\n`),
    /docs\/x\.md:1: no rule/,
  );
  assert.throws(() => rule(`${fence}\nx\n${fence}\n`), /no rule for a block/);
  assert.throws(
    () => rule(`words\n\n${fence}text\nx\n${fence}\n`),
    /docs\/x\.md:3: no rule/,
  );
});

test("an output has … for what changes", () => {
  assert.ok(matches("time 12\ntime 13\n", "time …\ntime …\n"));
  assert.ok(matches("a\nb\nc\n", "…\nc\n"));
  assert.ok(matches("c\n", "…\nc\n"));
  assert.ok(!matches("a\nb\n", "a\n"));
  assert.ok(!matches("axb\n", "a.b\n"));
});
