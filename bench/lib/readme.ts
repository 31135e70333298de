import { footnote, type Results } from "./results.ts";

const begin = "<!-- Written by `npm run bench`. -->";
const end = "<!-- So far. -->";

/** Puts a run into the README, in place of the one that is there: the picture, the targets, the machine. */
export function intoReadme(readme: string, results: Results, targets: string): string {
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md has no "${begin}" before "${end}"`);
  const section = [
    begin,
    "![PUSH to PULL: messages a second of this library, libnanomsg, libnng, zeromq.js and bare sockets](bench/results/throughput.svg)",
    targets,
    footnote(results),
  ].join("\n\n");
  return `${readme.slice(0, from)}${section}\n\n${readme.slice(to)}`;
}
