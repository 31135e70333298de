import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../conformance/transports.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, type Runtime, RUNTIMES } from "../helpers/runtimes.ts";
import { fnv, MESSAGES } from "./messages.ts";
import { FAST_START } from "../helpers/nanocat.ts";

/** Runs a worker script in a runtime. */
function work({ command, args }: Runtime, script: string, ...own: string[]): Child {
  const file = join(import.meta.dirname!, "workers", script);
  return start(command, [...args, file, ...own], { env: FAST_START });
}

function described(verb: string, messages: readonly Uint8Array[]): string[] {
  return messages.map((message) => `${verb} ${message.length} ${fnv(message)}`);
}

function lines(child: Child, verb: string): string[] {
  return child.stdout.toString().split("\n").filter((line) => line.startsWith(verb));
}

/** The runtime that runs the test is the server, so that the suite on all three sees each pair both ways. */
for (const runtime of RUNTIMES) {
  test(`a ${runtime.name} client pushes to, and asks, a ${CURRENT.name} server over tcp and ipc`, async () => {
    const { folder, remove } = temporaryFolder();
    try {
      await using server = work(
        CURRENT,
        "server.ts",
        "tcp://127.0.0.1:0",
        `ipc://${join(folder, "socket")}`,
      );
      const addresses = async (scheme: string): Promise<string[]> => {
        const found = [
          server.line(new RegExp(`^pull ${scheme}:`)),
          server.line(
            new RegExp(`^rep ${scheme}:`),
          ),
        ];
        return (await Promise.all(found)).map((line) => line.split(" ")[1]!);
      };
      await Promise.all(["tcp", "ipc"].map(async (scheme) => {
        await using client = work(runtime, "client.ts", ...await addresses(scheme));
        const { code, stderr } = await client.finished();
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, `over ${scheme}`);
        assert.deepEqual(
          lines(client, "answered"),
          described("answered", MESSAGES.map((message) => message.toReversed())),
        );
      }));
      await server.until(() => lines(server, "pulled").length >= 2 * MESSAGES.length);
      assert.deepEqual(
        lines(server, "pulled").sort(),
        described("pulled", [...MESSAGES, ...MESSAGES]).sort(),
      );
    } finally {
      remove();
    }
  });
}
