/** The pages that readers see: their text, blocks of code, headings and links. */

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { slug } from "../../docs/.vitepress/slug.ts";
import { PROJECT } from "../helpers/runtimes.ts";

/** A block of code between fences. */
export interface Block {
  /** The page, as a path in the repository. */
  page: string;
  /** The line of the opening fence, from 1. */
  line: number;
  language: string;
  /** The words after the language. */
  info: string[];
  text: string;
  /** The `text` block right after it: what it prints. */
  output?: string;
  /** Whether this is such an output. */
  isOutput: boolean;
}

/** A link, or a picture. */
export interface Link {
  page: string;
  line: number;
  target: string;
}

/** A page of Markdown. */
export interface Page {
  /** Its path in the repository. */
  path: string;
  blocks: Block[];
  links: Link[];
  anchors: Set<string>;
}

/** The pages of the guide, as paths in the repository. */
export function guidePages(): string[] {
  // Not docs/.vitepress: a pattern takes no hidden folder.
  return globSync("docs/**/*.md", { cwd: PROJECT }).map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.includes("/.")).sort();
}

/** Other pages whose links are checked. */
export function otherPages(): string[] {
  return [
    "*.md",
    "bench/**/*.md",
    "prove/**/*.md",
    "examples/**/*.md",
    ".github/**/*.md",
  ]
    .flatMap((pattern) => globSync(pattern, { cwd: PROJECT }))
    .map((path) => path.replaceAll("\\", "/")).filter((path) => !path.includes("node_modules/"))
    .sort();
}

/** Reads a page of the repository. */
export function readPage(path: string): Page {
  return parsePage(path, readFileSync(join(PROJECT, path), "utf8"));
}

/** Takes a page apart. */
export function parsePage(path: string, source: string): Page {
  const page: Page = { path, blocks: [], links: [], anchors: new Set() };
  const lines = source.split("\n");
  let open:
    | { fence: string; indent: number; block: Block; before?: Block }
    | undefined;
  let lastBlock: Block | undefined;
  lines.forEach((text, index) => {
    const line = index + 1;
    const fence = text.match(/^(\s*)(`{3,}|~{3,})(.*)$/);
    if (open !== undefined) {
      if (fence?.[2]?.startsWith(open.fence) && fence[3]!.trim() === "") {
        if (open.before !== undefined) open.before.output = open.block.text;
        lastBlock = open.block;
        open = undefined;
      } else open.block.text += `${text.slice(Math.min(open.indent, indentOf(text)))}\n`;
      return;
    }
    if (fence !== null) {
      const [language = "", ...info] = fence[3]!.trim().split(/\s+/);
      const before = language === "text" && info.length === 0 &&
          lastBlock?.isOutput === false
        ? lastBlock
        : undefined;
      const isOutput = before !== undefined;
      const block: Block = {
        page: path,
        line,
        language,
        info,
        text: "",
        isOutput,
      };
      open = {
        fence: fence[2]!,
        indent: fence[1]!.length,
        block,
        ...isOutput ? { before } : {},
      };
      page.blocks.push(block);
      return;
    }
    // An output follows its block with nothing between but blank lines.
    if (text.trim() !== "") lastBlock = undefined;
    const heading = text.match(/^#{1,6}\s+(.*?)\s*#*$/);
    if (heading !== null) addAnchor(page.anchors, heading[1]!);
    for (const [, id] of text.matchAll(/<a (?:id|name)="([^"]+)"/g)) {
      page.anchors.add(id!);
    }
    for (
      const [, target] of withoutCode(text).matchAll(
        /\]\(([^()\s]+(?:\([^()]*\))?[^()\s]*)[^)]*\)/g,
      )
    ) {
      page.links.push({ page: path, line, target: target! });
    }
    const action = text.match(/^\s+(?:link|src): (\S+)$/);
    if (action !== null && path === "docs/index.md") {
      page.links.push({ page: path, line, target: action[1]! });
    }
  });
  if (open !== undefined) {
    throw new SyntaxError(
      `${path}:${open.block.line}: the block of code has no end`,
    );
  }
  return page;
}

/** What is wrong with a link into the repository or to a page; undefined for those that are right, or lead elsewhere. */
export function problemOf(
  link: Link,
  anchorsOf: (path: string) => Set<string>,
): string | undefined {
  const { page, target } = link;
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  let file = path === "" ? page : resolve(page, path);
  if (target.startsWith("/api/")) return undefined; // built later
  if (file.endsWith("/") && existsSync(join(PROJECT, file, "index.md"))) {
    file += "index.md";
  }
  if (
    !existsSync(join(PROJECT, file)) && existsSync(join(PROJECT, `${file}.md`))
  ) file += ".md";
  if (!existsSync(join(PROJECT, file))) return "leads to no file";
  if (
    anchor !== undefined && file.endsWith(".md") && !anchorsOf(file).has(anchor)
  ) {
    return `${file} has no heading with the anchor "${anchor}"`;
  }
  return undefined;
}

/** A path that a page of the site, or of the repository, has for another. */
function resolve(page: string, path: string): string {
  if (path.startsWith("/")) {
    return existsSync(join(PROJECT, "docs/public", path)) ? `docs/public${path}` : `docs${path}`;
  }
  return join(page, "..", path).replaceAll("\\", "/");
}

function addAnchor(anchors: Set<string>, heading: string): void {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(
    /[`*]|&nbsp;/g,
    "",
  );
  const plain = slug(text);
  let anchor = plain;
  for (let count = 1; anchors.has(anchor); count++) {
    anchor = `${plain}-${count}`;
  }
  anchors.add(anchor);
}

function withoutCode(text: string): string {
  return text.replaceAll(/`[^`]*`/g, "``");
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}
