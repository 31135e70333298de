import type { Finding } from "./part.ts";

/** What a part found, and on what. */
export interface PartFindings {
  readonly date: string;
  readonly commit: string | undefined;
  readonly machine: string;
  readonly seed: number;
  readonly findings: readonly Finding[];
}

/** The runtimes, as findings name them. */
const RUNTIMES = ["Deno", "Bun", "Node"] as const;

/** Of each part and runtime, how much of what is wanted is met; then each miss. */
export function summary(parts: Readonly<Record<string, PartFindings>>): string[] {
  const rows = Object.entries(parts).map(([name, { findings }]) => [
    `\`${name}\``,
    ...RUNTIMES.map((runtime) => {
      const judged = findings.filter(({ who, met }) => isOurs(who, runtime) && met !== undefined);
      return `${judged.filter(({ met }) => met).length} of ${judged.length}`;
    }),
  ]);
  const heads = ["part", ...RUNTIMES];
  const table = [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
  const missed = new Map<string, string[]>();
  for (const { findings } of Object.values(parts)) {
    for (const { situation, who, met } of findings) {
      if (met === false) missed.set(situation, [...missed.get(situation) ?? [], who.slice(6)]);
    }
  }
  const [one] = Object.values(parts);
  const list = Array.from(missed, ([situation, who]) => `- ${situation} (${who.join(", ")})`);
  return [
    table,
    list.length === 0 ? "Nothing was missed." : `Missed:\n\n${list.join("\n")}`,
    `${
      one?.date.slice(0, 10)
    }; ${one?.machine}. [prove/results/latest.md](../prove/results/latest.md) has every figure, also of libnanomsg, libnng, zeromq.js and the runtimes alone.`,
  ];
}

function isOurs(who: string, runtime: string): boolean {
  return who.startsWith("ours") && who.includes(runtime);
}
