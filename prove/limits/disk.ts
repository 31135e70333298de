import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt, titles } from "../lib/attempt.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { isRoot, type Scenario, workerOn } from "./stage.ts";

interface Kind {
  readonly situation: string;
  readonly code: string;
  /** What the worker is started by, so that `folder` is such a one. */
  before(folder: string): string[];
}

const kinds: readonly Kind[] = [
  {
    situation: "bind() to ipc:// in a folder without rights",
    code: "EACCES",
    before: () => ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
  },
  {
    situation: "bind() to ipc:// on a full disk",
    code: "ENOSPC",
    // One inode is the folder's.
    before: (folder) => [
      "unshare",
      "--mount",
      "sh",
      "-c",
      `mount -t tmpfs -o size=8k,nr_inodes=1 tmpfs '${folder}' && exec "$@"`,
      "sh",
    ],
  },
];

/** Folders in which no socket can be made. */
export const disk: Scenario = {
  name: "disk",
  run: async function* (plan) {
    for (const kind of kinds) {
      for (const runtime of plan.runtimes) yield await refused(plan, kind, runtime);
    }
  },
};

async function refused(
  plan: Plan,
  { situation, code: expected, before }: Kind,
  runtime: Runtime,
): Promise<Finding> {
  const who = `ours, ${titles[runtime]}`;
  if (!isRoot) return { situation, who, measured: {}, note: "skipped: needs root on Linux" };
  const wanted = `${expected}, naming the address; other addresses go on`;
  plan.tell(`${situation}: ${who}`);
  const folder = mkdtempSync(join(tmpdir(), "prove-"));
  chmodSync(folder, 0o755);
  try {
    return await attempt({ situation, who, wanted }, async (troupe) => {
      const worker = workerOn(troupe, runtime, before(folder));
      const address = `ipc://${folder}/x.ipc`;
      const message = await worker.ask("bind", { address }).then(
        () => "none: it was bound",
        (error: Error) => error.message.split("\n")[0]!,
      );
      const { address: other } = await worker.ask("bind", { address: "tcp://127.0.0.1:0" });
      return {
        measured: { error: message },
        met: message.includes(expected) && message.includes(address) && other !== undefined,
      };
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
