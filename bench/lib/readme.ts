import { footnote, type Results } from "./results.ts";

/** Puts a run into the README, in place of the one that is there: the picture, the targets, the machine. */
export function intoReadme(readme: string, results: Results, targets: string): string {
  return replaceSection(
    readme,
    "<!-- Written by `npm run bench`. -->",
    "<!-- So far. -->",
    [
      "![PUSH to PULL: messages a second of this library, libnanomsg, libnng, zeromq.js and bare sockets](bench/results/throughput.svg)",
      targets,
      footnote(results),
    ],
  );
}

/** Replaces what stands between two comments. */
export function replaceSection(
  readme: string,
  begin: string,
  end: string,
  section: readonly string[],
): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no "${begin}" before "${end}"`);
  return `${readme.slice(0, from)}${[begin, ...section].join("\n\n")}\n\n${readme.slice(to)}`;
}
