/**
 * What is done with each block of code of a page. A block that no rule knows fails its page.
 *
 * | block | what is done |
 * | --- | --- |
 * | first line is a comment with a file's name: `// pull.ts` | it is that file, for the commands of its page; TypeScript is type-checked |
 * | `ts` | stands alone: type-checked, and run on Deno, Bun and Node; prints what a `text` block after it says |
 * | `ts deno`, `ts bun`, `ts node` | the same, on that runtime alone |
 * | `ts browser` | type-checked, and bundled for a page |
 * | `ts file=PATH` | is that file of the repository, less the comment at its beginning |
 * | `ts electron` and others of `FOREIGN` | parsed; what it imports from us is there |
 * | `sh` | run with bash in the page's folder; ends by itself, or when it has printed what the `text` block after it says |
 * | `sh terminal` | goes on until the end of the page, as in a terminal of its own |
 * | `sh` with nothing but commands of `ONLY_READ` | what it names of us is right |
 * | `text` right after a block | what that block prints; `…` stands for anything |
 * | `js`, `python` | is of another library: parsed |
 * | `c` | is of another library: compiled, where its headers are installed |
 * | `html` | its scripts are bundled for a page |
 * | `json` | parsed |
 * | `conf` | parsed, as a configuration of VILLASnode |
 */

import type { Block } from "./markdown.ts";

/** What is done with a block. */
export type Rule =
  | "file"
  | "run"
  | "bundle"
  | "copy"
  | "foreign"
  | "command"
  | "terminal"
  | "form"
  | "output"
  | "js"
  | "python"
  | "c"
  | "html"
  | "json"
  | "conf"
  | "listed";

/** Where TypeScript may run that no test here has. */
export const FOREIGN: Readonly<Record<string, string>> = {
  electron: "Electron is a download of 100 MB, and needs a display",
  "react-native": "needs a device or its simulator",
  workerd: "tests of the package run it where miniflare is installed",
};

/** Commands that are read and not run: they need the network or the administrator, or take minutes. */
export const ONLY_READ: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /^(npm (init|install|i|ci|pkg|create|config)|pnpm|yarn) /,
    "installs from npm's registry",
  ],
  [/^(npx|bunx) /, "fetches from a registry"],
  [/^bun (add|install|create) /, "installs from npm's registry"],
  [/^deno (add|install) /, "installs from JSR"],
  [/^deno run .*jsr:/, "fetches from JSR"],
  [
    /^npm (start|test|run [a-z:]+)\b/,
    "a script of the repository, which a test of its own runs",
  ],
  [/^deno task /, "a task of the repository, which a test of its own runs"],
  [
    /^(sudo |apt-get |apt |brew |docker |git clone )/,
    "installs on the system",
  ],
];

/** Blocks that no rule fits, by their page and first line, with the reason. */
export const LISTED: readonly (readonly [page: string, firstLine: string, reason: string])[] = [
  [
    "docs/cli.md",
    "1 s  received 264,027 (262,281/s, 33.6 MB/s)  1 peer",
    "figures of one machine",
  ],
  [
    "docs/cli.md",
    "source <(nanostreams completion bash)    # in ~/.bashrc",
    "lines for three shells; tests/cli/nanostreams/completion.test.ts runs each in its own",
  ],
  [
    "docs/villas.md",
    "node cli/villas.ts node lab.conf --page 8080      # or: deno run -A cli/villas.ts …, bun cli/villas.ts …",
    "lab.conf is the reader's",
  ],
  [
    "docs/villas.md",
    'villas() { node /path/to/cli/villas.ts "$@"; }',
    "the path is the reader's",
  ],
  [
    "docs/villas.md",
    "villas node meter.conf                  # where the instrument is",
    "two machines; tests/villas/ runs the same",
  ],
  [
    "docs/villas.md",
    "villas pipe -r control.conf meter       # prints what the meter sends",
    "two machines; tests/villas/ runs the same",
  ],
  [
    "docs/villas.md",
    'import { Gateway, loadConfig } from "@nanostreams/nanostreams/villas";',
    "lab.conf is the reader's",
  ],
];

/** The name of the file that a block is, if its first line says so. */
export function fileName({ text }: Block): string | undefined {
  const [first = ""] = text.split("\n");
  return first.match(/^(?:\/\/|#|<!--) ?([\w./-]+\.[a-z]+)(?: -->)?$/)?.[1];
}

/** The commands of a block for the shell, without comments. */
export function commandsOf({ text }: Block): string[] {
  return text.replaceAll("\\\n", " ").split("\n").map((line) =>
    line.replace(/(^|\s)#.*$/, "").trim()
  )
    .filter((line) => line !== "");
}

/** Whether a block is this one of `LISTED`. Ports are not compared: tests put free ones in their place. */
export function isListed(
  { page, text }: Block,
  [listedPage, line]: (typeof LISTED)[number],
): boolean {
  const plain = (text = "") => text.replaceAll(/\d{4,5}/g, "PORT");
  return page === listedPage && plain(text.split("\n")[0]) === plain(line);
}

/** Which rule holds for a block; undefined if there is none, which a test of its own tells. */
export function ruleOf(block: Block): Rule | undefined {
  try {
    return requireRule(block);
  } catch {
    return undefined;
  }
}

/** Which rule holds for a block; throws if there is none. */
export function requireRule(block: Block): Rule {
  const { page, line, language, info, isOutput } = block;
  const [word = "", ...rest] = info.filter((one) => !/^[[{]/.test(one)); // VitePress's titles and lines
  const where = `${page}:${line}`;
  if (isOutput) return "output";
  if (LISTED.some((listed) => isListed(block, listed))) return "listed";
  if (rest.length > 0) {
    throw new Error(`${where}: more than one word after "${language}"`);
  }
  if (fileName(block) !== undefined) return "file";
  switch (language) {
    case "ts":
      if (["", "deno", "bun", "node"].includes(word)) return "run";
      if (word === "browser") return "bundle";
      if (word.startsWith("file=")) return "copy";
      if (Object.hasOwn(FOREIGN, word)) return "foreign";
      break;
    case "sh":
      if (word === "terminal") return "terminal";
      if (word !== "") break;
      return commandsOf(block).every((command) => ONLY_READ.some(([one]) => one.test(command)))
        ? "form"
        : "command";
    case "js":
    case "python":
    case "c":
    case "html":
    case "json":
    case "conf":
      if (word === "") return language;
      break;
  }
  throw new Error(
    `${where}: no rule for a block \`${
      [language, ...info].join(" ")
    }\`; tests/docs/rules.ts has them`,
  );
}
