/** `nanostreams completion`: what real shells make of it, where they are installed. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bashScript } from "../../../cli/nanostreams/completion/bash.ts";
import { fishScript } from "../../../cli/nanostreams/completion/fish.ts";
import { zshScript } from "../../../cli/nanostreams/completion/zsh.ts";
import { COMMANDS } from "../../../cli/nanostreams/spec/commands.ts";
import { runNanostreams } from "../../helpers/nanostreams.ts";
import { run } from "../../helpers/process.ts";

const folder = mkdtempSync(join(tmpdir(), "completion-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "nanostreams.bash"), bashScript(COMMANDS));
writeFileSync(join(folder, "nanostreams.fish"), fishScript(COMMANDS));
writeFileSync(join(folder, "_nanostreams"), zshScript(COMMANDS));
writeFileSync(join(folder, "my file.txt"), "");

function without(shell: string): string | false {
  const isThere = spawnSync(shell, ["-c", "exit"]).status === 0;
  return isThere ? false : `needs ${shell}: apt-get install ${shell}`;
}

/** What a shell says to a script. */
async function ask(shell: string, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(shell, args, { cwd: folder, env: { HOME: folder } });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout.toString().split("\n").filter((line) => line !== "");
}

/** What is offered for the last of some words. */
interface Case {
  readonly words: readonly string[];
  readonly offered: readonly string[];
}

const NAMES = COMMANDS.map(({ name }) => name);
const CASES: readonly Case[] = [
  { words: ["pu"], offered: NAMES.filter((name) => name.startsWith("pu")) },
  { words: ["help", "surv"], offered: ["surveyor"] },
  { words: ["push", "--wi"], offered: ["--wire"] },
  { words: ["push", "--wire", ""], offered: ["sp", "zmtp"] },
  { words: ["bench", "--pattern", "pu"], offered: ["pushpull", "pubsub"] },
  { words: ["push", "tc"], offered: ["tcp://"] },
  { words: ["push", "--connect", "ip"], offered: ["ipc://"] },
  { words: ["push", "--file", "my"], offered: ["my file.txt"] },
  { words: ["completion", ""], offered: ["bash", "zsh", "fish"] },
];

test("bash completes nanostreams by a function", { skip: without("bash") }, async () => {
  const script = "source nanostreams.bash; complete -p nanostreams";
  assert.deepEqual(await ask("bash", "-c", script), ["complete -F _nanostreams nanostreams"]);
});

/** What bash offers; the words are split as it splits them. */
async function inBash(words: readonly string[]): Promise<string[]> {
  const script = `source nanostreams.bash
    COMP_WORDS=(nanostreams "$@"); COMP_CWORD=$#; _nanostreams
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return await ask("bash", "-c", script, "bash", ...words);
}

test(
  "bash offers subcommands, flags, words, addresses and files",
  { skip: without("bash") },
  async () => {
    for (const { words, offered } of CASES) {
      assert.deepEqual(await inBash(words), offered, words.join(" "));
    }
  },
);

test("bash offers words behind an equals sign, and only there if they may be left out", {
  skip: without("bash"),
}, async () => {
  assert.deepEqual(await inBash(["push", "--wire", "=", "z"]), ["zmtp"]);
  assert.deepEqual(await inBash(["push", "--events", "="]), ["text", "json"]);
  assert.deepEqual(await inBash(["push", "--events", "j"]), []);
  assert.deepEqual(
    await inBash(["rep", "--exec", "bas"]).then((all) => all.includes("bash")),
    true,
  );
});

test("bash offers each flag of each subcommand", { skip: without("bash") }, async () => {
  for (const { name, flags } of COMMANDS) {
    const offered = await inBash([name, "--"]);
    const missing = flags.filter((flag) => !offered.includes(`--${flag.name}`));
    assert.deepEqual(missing.map((flag) => flag.name), []);
    assert.deepEqual(offered.filter((flag) => flag.startsWith("--help")), ["--help", "--help-all"]);
  }
});

test("fish offers the same, with what it is", { skip: without("fish") }, async () => {
  const offer = async (line: string): Promise<string[]> => {
    const script = `source nanostreams.fish; complete -C '${line}'`;
    return await ask("fish", "--no-config", "-c", script);
  };
  for (const { words, offered } of CASES) {
    const lines = await offer(["nanostreams", ...words].join(" "));
    const found = lines.map((line) => line.split("\t")[0]!.replaceAll("\\", ""));
    assert.deepEqual(found.sort(), [...offered].sort(), words.join(" "));
  }
  const [json] = await offer("nanostreams push --events=j");
  assert.match(json!, /^--events=json\t/);
});

test("zsh reads its script", { skip: without("zsh") }, async () => {
  assert.deepEqual(await ask("zsh", "-f", "-n", "_nanostreams"), []);
});

test("zsh completes nanostreams by a function", { skip: without("zsh") }, async () => {
  const script = `autoload -Uz compinit; compinit -D -u
    source ./_nanostreams; print $_comps[nanostreams]`;
  assert.deepEqual(await ask("zsh", "-f", "-c", script), ["_nanostreams"]);
});

test("what is printed is the script, for each shell", async () => {
  for (
    const [shell, script] of Object.entries({ bash: bashScript, zsh: zshScript, fish: fishScript })
  ) {
    const { code, stdout, stderr } = await runNanostreams(["completion", shell]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.equal(stdout.toString(), script(COMMANDS));
  }
});

test("another shell, or none, is refused", async () => {
  for (
    const [args, given] of [[["tcsh"], '"tcsh"'], [[], "no shell"], [
      ["bash", "zsh"],
      '"bash zsh"',
    ]] as const
  ) {
    const { code, stderr } = await runNanostreams(["completion", ...args]);
    assert.equal(stderr, `nanostreams: ${given}: nanostreams completion bash, zsh or fish\n`);
    assert.equal(code, 2);
  }
});
