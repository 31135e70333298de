/** The package as users of JSR get it: published to a registry on loopback, and imported by `jsr:` in an empty folder. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Finished, run } from "../helpers/process.ts";
import { PROJECT, RUNTIMES } from "../helpers/runtimes.ts";
import { Registry } from "./registry.ts";

const { name, version, exports } = JSON.parse(
  readFileSync(join(PROJECT, "deno.json"), "utf8"),
) as { name: string; version: string; exports: Record<string, string> };

/** As a newcomer writes it: `^0.2` for 0.2.0. */
const range = `^${version.split(".").slice(0, 2).join(".")}`;
const specifier = (door: string): string => `jsr:${name}@${range}${door.slice(1)}`;
const isProgram = (door: string): boolean =>
  readFileSync(join(PROJECT, exports[door]!), "utf8").startsWith("#!");
const doors = Object.keys(exports);

/** `ws` and the others come from npm's registry, whatever JSR's is. */
const npm = await fetch("https://registry.npmjs.org/ws", {
  method: "HEAD",
  signal: AbortSignal.timeout(5_000),
}).then(({ ok }) => ok, () => false);
const skip = npm
  ? false
  : "https://registry.npmjs.org/ cannot be reached: the package for JSR is not imported";

let registry: Registry;
before(async () => {
  registry = await Registry.open();
});
after(() => registry[Symbol.asyncDispose]());

const deno = RUNTIMES.find(({ name }) => name === "deno")!.command;

/** Runs Deno as a newcomer does, with a program in a folder that has nothing else. */
async function newcomer(command: string[], program = ""): Promise<Finished> {
  const cwd = registry.project();
  writeFileSync(join(cwd, "main.ts"), program);
  return await run(deno, command, { cwd, env: registry.env });
}

test("every door is type-checked in a project with Deno's own settings", { skip }, async () => {
  const libraries = doors.filter((door) => !isProgram(door));
  const imports = libraries.map((door, index) =>
    `import * as d${index} from "${specifier(door)}";`
  );
  const uses = libraries.map((_, index) => `console.log(Object.keys(d${index}).length > 0);`);
  const program = [...imports, ...uses].join("\n");
  const checked = await newcomer(["check", "main.ts"], program);
  assert.equal(checked.code, 0, checked.stderr);
  const ran = await newcomer(["run", "-A", "main.ts"], program);
  assert.equal(ran.stdout.toString(), "true\n".repeat(libraries.length), ran.stderr);
});

test("deno add puts it into a project", { skip }, async () => {
  const cwd = registry.project();
  const added = await run(deno, ["add", specifier(".")], { cwd, env: registry.env });
  assert.equal(added.code, 0, added.stderr);
  const { imports } = JSON.parse(readFileSync(join(cwd, "deno.json"), "utf8"));
  assert.deepEqual(imports, { [name]: `jsr:${name}@^${version}` });
});

for (const scheme of ["tcp", "ws"]) {
  test(`two sockets exchange a message over ${scheme}`, { skip }, async () => {
    const { stdout, stderr } = await newcomer(
      ["run", "--allow-net", "--allow-env", "--quiet", "main.ts"],
      `import { Pull, Push } from "${specifier(".")}";
      await using pull = new Pull();
      const { address } = await pull.bind("${scheme}://127.0.0.1:0");
      await using push = new Push();
      push.connect(address);
      await push.send("hello");
      console.log(new TextDecoder().decode(await pull.receive()));`,
    );
    assert.equal(stdout.toString(), "hello\n", stderr);
  });
}

test("CURVE and protobuf load what they need of npm", { skip }, async () => {
  const { stdout, stderr } = await newcomer(
    ["run", "-A", "--quiet", "main.ts"],
    `import { curveKeyPair, Pull, Push } from "${specifier("./zmtp")}";
    import { openCodec } from "${specifier("./villas")}";
    const server = await curveKeyPair();
    const client = await curveKeyPair();
    await using pull = new Pull({ curve: { ...server, server: true } });
    const { address } = await pull.bind("tcp://127.0.0.1:0");
    await using push = new Push({ curve: { ...client, serverKey: server.publicKey } });
    push.connect(address);
    await push.send("hello");
    const [frame] = await pull.receive();
    await openCodec("protobuf");
    console.log(new TextDecoder().decode(frame));`,
  );
  assert.equal(stdout.toString(), "hello\n", stderr);
});

/** What each program prints, by its arguments: nanocat knows no version. */
const ASKED: Record<string, readonly [args: string[], said: string]> = {
  "./cli": [["--version"], version],
  "./nanocat": [["device", "--help"], "nanocat device"],
  "./nngcat": [["--version"], version],
  "./villas/cli": [["node", "-V"], version],
};
for (const door of doors.filter(isProgram)) {
  test(`${specifier(door)} is a program`, { skip }, async () => {
    const [args, said] = ASKED[door]!;
    const { code, stdout, stderr } = await newcomer(["run", "-A", specifier(door), ...args]);
    assert.equal(code, 0, stderr);
    assert.ok(stdout.toString().includes(said), stdout.toString());
  });
}
