import { footnote, type Results } from "./results.ts";

/** Puts a run into docs/performance.md, in place of the one that is there: the picture, the targets, the machine. */
export function intoPage(page: string, results: Results, targets: string): string {
  return replaceSection(
    page,
    "<!-- Written by `npm run bench`. -->",
    "<!-- So far. -->",
    [
      "![PUSH to PULL: messages a second of this library, libnanomsg, libnng, zeromq.js and bare sockets](../bench/results/throughput.svg)",
      targets,
      footnote(results),
    ],
  );
}

/** Replaces what stands between two comments. */
export function replaceSection(
  page: string,
  begin: string,
  end: string,
  section: readonly string[],
): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`The page has no "${begin}" before "${end}"`);
  return `${page.slice(0, from)}${[begin, ...section].join("\n\n")}\n\n${page.slice(to)}`;
}
