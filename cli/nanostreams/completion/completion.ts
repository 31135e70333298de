/* `completion`: prints a script for a shell, made of the specification. */
import { EXIT, Failure } from "../ends.ts";
import type { Invocation } from "../invocation.ts";
import { COMMANDS } from "../spec/commands.ts";
import type { Command } from "../spec/types.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS: Readonly<Record<string, (commands: readonly Command[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints it. Returns the exit status. */
export async function run({ operands, stdout }: Invocation): Promise<number> {
  const [shell = "", ...more] = operands;
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined || more.length > 0) {
    const given = operands.length === 0 ? "no shell" : JSON.stringify(operands.join(" "));
    throw new Failure(EXIT.usage, `${given}: nanostreams completion bash, zsh or fish`);
  }
  await new Promise((resolve) => stdout.write(script(COMMANDS), resolve));
  return EXIT.ok;
}
