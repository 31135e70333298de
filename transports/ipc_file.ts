/*
 * Sockets in the file system. A socket's file belongs to who has bound it, for as long as it is that very file: its path may lead
 * to somebody else's in the meantime.
 */
import { SPError } from "../src/base/errors.ts";
import type {
  StreamListener,
  StreamListenerSink,
  StreamOptions,
  StreamRuntime,
  StreamTarget,
} from "./runtime.ts";
import { builtin } from "./runtime/shared/builtin.ts";
import { mayMakeFile } from "./runtime/shared/mended/deno_permission.ts";
import { isListening } from "./runtime/shared/mended/bun_backlog.ts";
import type { FileStats, FsModule } from "./runtime/shared/node_api.ts";
import { withMode } from "./runtime/shared/umask.ts";

/** Where a socket lies. */
export interface FileTarget extends Extract<StreamTarget, { kind: "unix" }> {
  /** The whole path, however long: that of the target has to fit into a socket's address. */
  readonly file: string;
  /** The path as it was given. */
  readonly name: string;
}

/** Where a socket is bound, in a folder of its own. */
const IN_FOLDER = "/s";
/** What Bun takes; others take one byte more. */
const LONGEST_ASIDE = 106;
/** How often to try again while others bind or let go of the same path, and how long to wait in between, in milliseconds. */
const TRIES = 500;
const PAUSE = 5;
/** After so long, in milliseconds, a claim is left over from a process that has ended. Deno tells times in whole seconds. */
const ABANDONED = 1500;

/** Binds; takes the place of a socket file that nobody listens on any more, and of no other file. */
export async function listenOnFile(
  runtime: StreamRuntime,
  target: FileTarget,
  options: StreamOptions,
  sink: StreamListenerSink,
  mode: number,
): Promise<StreamListener> {
  for (let tries = 0; tries < TRIES; tries++) {
    const there = look(target.file);
    if (there !== undefined) {
      if (!there.isSocket()) throw inUse(target, "a file that is not a socket is there");
      if (!await isStale(runtime, target, options)) throw inUse(target, "somebody listens on it");
      removeStale(target.file, there);
    }
    try {
      return await bind(runtime, target, options, sink, mode);
    } catch (error) {
      // Some runtimes have no code for a path that is taken.
      if (!isTaken(error) && look(target.file) === undefined) throw explain(target, error);
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw inUse(target, "others bind it at the same time");
}

/**
 * Binds in a folder of its own, which nobody else may enter, and only then gives the file its path, which fails if there is a file. So
 * the socket listens and has its mode before anybody sees it; and what the runtime removes when it is closed is in that folder, and
 * never at the path.
 */
async function bind(
  runtime: StreamRuntime,
  target: FileTarget,
  options: StreamOptions,
  sink: StreamListenerSink,
  mode: number,
): Promise<StreamListener> {
  const fs = builtin<FsModule>("node:fs");
  const name = asideName(target.file, crypto.randomUUID().slice(0, 4));
  const path = `${folderOf(target.path)}${name}${IN_FOLDER}`;
  const folder = folderOf(target.file) + name;
  if (byteLength(path) <= LONGEST_ASIDE && mayMakeFile(folder)) {
    let listener: StreamListener | undefined;
    let isMade = false;
    try {
      fs.mkdirSync(folder, { mode: 0o700 });
      isMade = true;
      listener = await runtime.listen({ ...target, path }, options, sink);
      fs.chmodSync(folder + IN_FOLDER, mode);
      fs.linkSync(folder + IN_FOLDER, target.file);
      return owner(listener, target.file);
    } catch (error) {
      await listener?.close();
      // Anything else that went wrong is told by the second try, of the path itself.
      if (listener !== undefined && isTaken(error)) throw error;
    } finally {
      if (isMade) {
        remove(folder + IN_FOLDER);
        fs.rmdirSync(folder);
      }
    }
  }
  // No room for another name, a file system without hard links, or a permission for this very path. Here the runtime removes
  // whatever is at the path when it is closed.
  const listener = await withMode(mode, () => runtime.listen(target, options, sink));
  try {
    fs.chmodSync(target.file, mode);
  } catch (error) {
    await listener.close();
    throw error;
  }
  return owner(listener, target.file);
}

/** A listener that removes its file when it is closed, and nobody else's. */
function owner(listener: StreamListener, file: string): StreamListener {
  const own = look(file);
  const { host, port } = listener;
  return {
    host,
    port,
    close: () => {
      // Before the end, so that nobody finds a stale file and takes it over.
      if (isSame(look(file), own)) remove(file);
      return listener.close();
    },
  };
}

async function isStale(
  runtime: StreamRuntime,
  target: FileTarget,
  options: StreamOptions,
): Promise<boolean> {
  try {
    (await runtime.connect(target, options)).destroy();
    return false;
  } catch (error) {
    // Anything else, such as a full backlog, is said of a socket that listens.
    const { code } = error as { code?: unknown };
    if (code !== "ECONNREFUSED") return code === "ENOENT";
    const folder = folderOf(target.file);
    const own = target.file.slice(folder.length);
    const aside = asideName(target.file, "");
    const isAside = (name: string): boolean => name.startsWith(aside) && name.endsWith(IN_FOLDER);
    return !isListening(folder, (name) => name === own || isAside(name));
  }
}

/**
 * Removes a stale file. Who does so has claimed it before, by a second name that only one can make. So nobody removes the file that
 * somebody else has put in its place.
 */
function removeStale(file: string, stale: FileStats): void {
  const fs = builtin<FsModule>("node:fs");
  const claim = `${folderOf(file)}.${stale.ino}`;
  try {
    fs.linkSync(file, claim);
  } catch (error) {
    const { code } = error as { code?: unknown };
    const other = code === "EEXIST" ? look(claim) : undefined;
    if (other !== undefined && Date.now() - Number(other.ctimeMs) > ABANDONED) remove(claim);
    // Without hard links there is no claim.
    if (code !== "EEXIST" && isSame(look(file), stale)) remove(file);
    return;
  }
  if (isSame(look(file), stale) && isSame(look(claim), stale)) remove(file);
  remove(claim);
}

function look(file: string): FileStats | undefined {
  const { lstatSync } = builtin<FsModule>("node:fs");
  return lstatSync(file, { bigint: true, throwIfNoEntry: false });
}

/** An inode's number is soon given to the next file; the time that it was made is not. */
function isSame(a: FileStats | undefined, b: FileStats | undefined): boolean {
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev &&
    a.mtimeNs === b.mtimeNs;
}

function remove(file: string): void {
  builtin<FsModule>("node:fs").rmSync(file, { force: true });
}

function isTaken(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "EEXIST" || code === "EADDRINUSE";
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** The name of the folder in which a socket is bound: it is told from those of other paths in the same folder. */
function asideName(file: string, random: string): string {
  let hash = 0;
  for (const byte of new TextEncoder().encode(file.slice(folderOf(file).length))) {
    hash = (hash * 31 + byte) % 46_656;
  }
  return `.${hash.toString(36).padStart(3, "0")}${random}`;
}

/** Bytes of a path in UTF-8. */
export function byteLength(path: string): number {
  return new TextEncoder().encode(path).length;
}

function inUse({ scheme, name }: FileTarget, what: string): SPError {
  return new SPError("EADDRINUSE", `Cannot bind to "${scheme}://${name}": ${what} (EADDRINUSE)`);
}

/** Node says EACCES of a folder that is not there. */
function explain({ scheme, file, name }: FileTarget, error: unknown): unknown {
  const folder = folderOf(file);
  if (folder === "" || look(folder) !== undefined) return error;
  const message = `Cannot bind to "${scheme}://${name}": no folder "${folder}" (ENOENT)`;
  return new SPError("ENOENT", message, { cause: error });
}
