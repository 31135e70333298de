/** What the tests of `ipc://` stand on: folders, stale files, and who knocks at a path. */

import assert from "node:assert/strict";
import { linkSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Socket as NetSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Pull, Push } from "../../mod.ts";
import { text } from "../helpers/bytes.ts";
import { PROJECT } from "../helpers/runtimes.ts";

/** Programs that the tests start. */
export const WORKERS: string = join(PROJECT, "tests", "transports", "workers");
/** Why the tests are skipped, if they are. */
export const skip: string | false = process.platform === "win32" &&
  "Windows has named pipes instead";

/** A folder that is gone with its owner. */
export class Folder implements Disposable {
  readonly path: string = realpathSync(mkdtempSync(join(tmpdir(), "ipc-")));

  at(name: string): string {
    return join(this.path, name);
  }

  get names(): string[] {
    return readdirSync(this.path).sort();
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Leaves files as they are left behind by a process that was killed while it listened. */
export async function leaveStale(...paths: readonly string[]): Promise<void> {
  const [first, ...more] = paths;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${first}~`, resolve));
  linkSync(`${first}~`, first!);
  await new Promise<unknown>((resolve) => server.close(resolve));
  if (more.length > 0) await leaveStale(...more);
}

/** Connects, and says how that ended. */
export function knock(path: string): Promise<{ socket: NetSocket; code: string }> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve({ socket, code: "connected" }));
    socket.once("error", (error: Error & { code?: string }) => {
      resolve({ socket, code: error.code ?? error.message });
    });
  });
}

/** Has a message go by a path. */
export async function assertReaches(pull: Pull, path: string): Promise<void> {
  await using push = new Push();
  push.connect(`ipc://${path}`);
  await push.send(path);
  assert.equal(text(await pull.receive()), path);
}
