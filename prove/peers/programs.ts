import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchers } from "../../bench/lib/rows.ts";
import type { Row } from "../lib/part.ts";

const folder = fileURLToPath(new URL("./", import.meta.url));
const built = new Map<string, string>();

/** The command that plays the roles of faults and partition with a library; the C programs are compiled first. */
export function programOf({ family }: Row): readonly string[] {
  if (family === "zeromq") return [...launchers.node, join(folder, "zeromq.ts")];
  let program = built.get(family);
  if (program === undefined) built.set(family, program = compile(family));
  return [program];
}

function compile(name: string): string {
  const buildFolder = join(folder, "../../bench/.build");
  mkdirSync(buildFolder, { recursive: true });
  const program = join(buildFolder, `prove_${name}`);
  const source = join(folder, `${name}.c`);
  const arguments_ = ["-O2", "-Wall", "-o", program, source, `-l${name}`, "-lpthread"];
  const { status, stderr } = spawnSync("cc", arguments_, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot compile ${source}: ${stderr}`);
  return program;
}
