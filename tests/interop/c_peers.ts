/** libnanomsg and libnng themselves, as programs of ours in C, for what command lines cannot show. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { type Child, start } from "../helpers/process.ts";
import { PROJECT } from "../helpers/runtimes.ts";

/** What a peer can do; `peers/` says what each command does. */
export type Command =
  | `${"ask" | "echo" | "raw-ask" | "reverse" | "show"}${"" | "-survey"}`
  | `${"ask" | "echo" | "show"}-pair1`
  | "count"
  | "priorities"
  | "pull"
  | "push";

/** A library, as a program. */
export interface CPeer {
  readonly name: string;
  /** For `node:test`: why tests that need it are skipped, or false if it is there. */
  readonly skip: string | false;
  /** Starts it. */
  start(
    command: Command,
    role: "bind" | "connect",
    address: string,
    ...args: readonly (string | number)[]
  ): Child;
}

const SOURCES = join(import.meta.dirname!, "peers");
const BUILT = join(PROJECT, "node_modules", ".cache", "peers");

/** Compiles a peer, unless that has been done: one file a source text, so that nobody sees a stale one. */
function build(library: string): string {
  const source = join(SOURCES, `${library}.c`);
  const hash = createHash("sha256");
  for (const file of [source, join(SOURCES, "peer.h")]) hash.update(readFileSync(file));
  const program = join(BUILT, `${library}-${hash.digest("hex").slice(0, 16)}`);
  if (existsSync(program)) return program;
  mkdirSync(BUILT, { recursive: true });
  // Several test files may be at it at once: each has a file of its own, and the last one stays.
  const mine = `${program}.${process.pid}`;
  const cc = spawnSync("cc", ["-O2", "-o", mine, source, `-l${library}`, "-lpthread"], {
    encoding: "utf8",
  });
  if (cc.error !== undefined) throw cc.error;
  if (cc.status !== 0) throw new Error(cc.stderr);
  renameSync(mine, program);
  return program;
}

/** The Debian package that a failed build misses; undefined if that is not the reason. */
function missing(
  library: string,
  { message, code }: Error & { code?: string },
): string | undefined {
  if (code === "ENOENT") return "build-essential";
  return /No such file or directory|cannot find -l/.test(message) ? `lib${library}-dev` : undefined;
}

function cPeer(library: string): CPeer {
  const name = `lib${library}`;
  try {
    const program = build(library);
    return {
      name,
      skip: false,
      start: (command, role, address, ...args) =>
        start(program, [command, role, address, ...args.map(String)]),
    };
  } catch (error) {
    const what = missing(library, error as Error);
    if (what === undefined || process.env["REQUIRE_PEERS"] === "1") throw error;
    const skip = `${what} is missing: apt-get install ${what}`;
    return {
      name,
      skip,
      start: () => {
        throw new Error(skip);
      },
    };
  }
}

/** How long one of our sockets waits for what a peer should send. */
export const PATIENT: { readonly receiveTimeout: number } = { receiveTimeout: 20_000 };

/** nanomsg's library. */
export const LIBNANOMSG: CPeer = cPeer("nanomsg");
/** nng's library. */
export const LIBNNG: CPeer = cPeer("nng");
/** Both. */
export const C_PEERS: readonly CPeer[] = [LIBNANOMSG, LIBNNG];
