import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A runtime. */
export type Runtime = "deno" | "bun" | "node";
/** A face of the library: messages through streams, the same and given back, through `send` and `receive`, or in batches. */
export type Face = "streams" | "calls" | "batches";
/** Whose row it is. */
export type Family = "ours" | "nanomsg" | "nng" | "zeromq" | "libzmq" | "bare";

/** One contestant. */
export interface Row {
  /** Its name in the tables. */
  readonly name: string;
  /** Whose it is. */
  readonly family: Family;
  /** What runs it, if it is not a C program. */
  readonly runtime?: Runtime;
  /** Of ours: which face it uses. */
  readonly face?: Face;
  /** The command that a role and its settings are appended to. */
  readonly command: readonly string[];
  /** Why it cannot run here, if it cannot. */
  readonly missing?: string;
  /** Its version. */
  readonly version?: string;
}

/** All contestants. */
export interface Rows {
  /** This library on the three runtimes, through one face or more. */
  ours(...faces: Face[]): Row[];
  /** The same on ZeroMQ's wire. */
  zmtp(...faces: Face[]): Row[];
  /** libnanomsg, libnng and zeromq.js. */
  readonly peers: readonly Row[];
  /** Who speaks ZeroMQ's wire: libzmq from C, and zeromq.js. */
  readonly zmtpPeers: readonly Row[];
  /** The bare socket of each runtime: the limit. */
  readonly bare: readonly Row[];
  /** Versions of everything, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

const folder = fileURLToPath(new URL("../", import.meta.url));
const root = join(folder, "..");
const buildFolder = join(folder, ".build");

/** The environment of every worker: the pinned runtimes come first. */
export const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(root, "node_modules/.bin")}${delimiter}${process.env.PATH}`,
  NO_COLOR: "1",
};

const npmMissing = "not installed: npm ci";

/** A runtime that was looked for. */
type Found = Pick<Row, "version" | "missing"> & { readonly runtime: Runtime };

const titles: Readonly<Record<Runtime, string>> = { deno: "Deno", bun: "Bun", node: "Node" };

/** What runs a TypeScript file on each runtime. */
export const launchers: Readonly<Record<Runtime, readonly string[]>> = {
  deno: ["deno", "run", "--allow-all", "--quiet", "--v8-flags=--expose-gc"],
  bun: ["bun", "run"],
  node: ["node", "--expose-gc", "--disable-warning=ExperimentalWarning"],
};

/** Finds out what is there, and builds the C programs. */
export function findRows(): Rows {
  const runtimes = (Object.keys(launchers) as Runtime[]).map((runtime): Found => {
    const version = outputOf(runtime, "--version")?.match(/\d+\.\d+\.\d+/)?.[0];
    return { runtime, ...(version === undefined ? { missing: npmMissing } : { version }) };
  });

  const ours = (worker: string) => (...faces: Face[]): Row[] =>
    faces.flatMap((face) =>
      runtimes.map((found) => ({
        ...found,
        name: `ours, ${titles[found.runtime]}${faces.length === 1 ? "" : `, ${face}`}`,
        family: "ours" as const,
        face,
        command: [...launchers[found.runtime], join(folder, "workers", worker)],
      }))
    );

  const bare = runtimes.map((found): Row => ({
    ...found,
    name: `bare socket, ${titles[found.runtime]}`,
    family: "bare",
    command: [...launchers[found.runtime], join(folder, `peers/bare_${found.runtime}.ts`)],
  }));

  const addon = zeromq();
  const library = libzmq();
  const peers = [nanomsg(), nng(), addon];
  const versions = Object.fromEntries([
    ["nanostreams", packageVersion(join(root, "package.json")) ?? "unknown"],
    ...runtimes.map(({ runtime, version }) => [titles[runtime], version ?? "not installed"]),
    ...[...peers, library].map(({ name, version }) => [name, version ?? "not installed"]),
  ]);
  return {
    ours: ours("ours.ts"),
    zmtp: ours("zmtp.ts"),
    peers,
    zmtpPeers: [library, addon],
    bare,
    versions,
  };
}

function nanomsg(): Row {
  const built = build("nanomsg", "nanomsg", "libnanomsg-dev");
  const version = outputOf("pkg-config", "--modversion", "nanomsg")?.trim();
  return { name: "libnanomsg", family: "nanomsg", ...built, ...(version && { version }) };
}

function nng(): Row {
  const built = build("nng", "nng", "libnng-dev");
  const version = built.missing === undefined
    ? (JSON.parse(outputOf(built.command[0]!, "version") ?? "{}") as { version?: string }).version
    : undefined;
  return { name: "libnng", family: "nng", ...built, ...(version && { version }) };
}

function libzmq(): Row {
  const built = build("libzmq", "zmq", "libzmq3-dev");
  const version = outputOf("pkg-config", "--modversion", "libzmq")?.trim();
  return { name: "libzmq", family: "libzmq", ...built, ...(version && { version }) };
}

function zeromq(): Row {
  const version = packageVersion(join(root, "node_modules/zeromq/package.json"));
  return {
    name: "zeromq.js",
    family: "zeromq",
    runtime: "node",
    command: [...launchers.node, join(folder, "peers/zeromq.ts")],
    ...(version === undefined ? { missing: npmMissing } : { version }),
  };
}

/** Compiles one of `peers/*.c`, which needs a library and the Debian package that has it. */
function build(
  name: string,
  library: string,
  debian: string,
): { command: string[]; missing?: string } {
  const program = join(buildFolder, name);
  mkdirSync(buildFolder, { recursive: true });
  const source = join(folder, "peers", `${name}.c`);
  const compiler = spawnSync("cc", [
    "-O2",
    "-Wall",
    "-o",
    program,
    source,
    `-l${library}`,
    "-lpthread",
  ], {
    encoding: "utf8",
  });
  if (compiler.status === 0) return { command: [program] };
  const header = `/usr/include/${library}`;
  const missing = compiler.error !== undefined
    ? "not built: no C compiler, cc"
    : existsSync(header) || existsSync(`${header}.h`)
    ? `not built: ${compiler.stderr.trim().split("\n")[0]}`
    : `not installed: apt-get install ${debian}`;
  return { command: [program], missing };
}

function outputOf(program: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8", env: environment });
  return status === 0 ? stdout : undefined;
}

function packageVersion(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
