/** What tests read of the guide's pages: tables, headings, code. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT } from "../helpers/runtimes.ts";

/** A table of a page. */
export interface Table {
  /** The heading of the second level that it is under. */
  readonly section: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A page of `docs/`. */
export function readPage(name: string): Promise<string> {
  return readFile(join(PROJECT, "docs", name), "utf8");
}

/** All tables, in order. */
export function tables(page: string): Table[] {
  const found: Table[] = [];
  let section = "";
  let open: { section: string; header: string[]; rows: string[][] } | undefined;
  for (const line of withoutCode(page).split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3);
    if (!line.startsWith("|")) {
      open = undefined;
      continue;
    }
    const cells = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
    if (open === undefined) found.push(open = { section, header: cells, rows: [] });
    else if (!cells.every((cell) => /^:?-+:?$/.test(cell))) open.rows.push(cells);
  }
  return found;
}

/** The headings of one level. */
export function headings(page: string, level: number): string[] {
  const mark = `${"#".repeat(level)} `;
  return withoutCode(page).split("\n").filter((line) => line.startsWith(mark))
    .map((line) => line.slice(mark.length));
}

/** What stands under a heading, down to the next of its level or above. */
export function under(page: string, level: number, heading: string): string {
  const lines = page.split("\n");
  const start = lines.indexOf(`${"#".repeat(level)} ${heading}`);
  if (start < 0) return "";
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return rest.slice(0, end < 0 ? undefined : end).join("\n");
}

/** What stands between backticks. */
export function codes(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code]) => code!);
}

function withoutCode(page: string): string {
  return page.replace(/^```[^]*?^```/gm, "");
}
