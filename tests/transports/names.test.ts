/** Names of hosts, with a list of hosts that only the program under test sees: Linux gives it a mount namespace of its own. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { run } from "../helpers/process.ts";
import { CURRENT, PROJECT } from "../helpers/runtimes.ts";
import { Folder, WORKERS } from "./ipc_stage.ts";
import type { Meeting } from "./workers/names.ts";

const HOSTS = `127.0.0.1 localhost
127.0.0.1 four.test
::1 six.test
127.0.0.1 both.test
::1 both.test
127.0.0.9 two.test
127.0.0.1 two.test
127.0.0.1 barehost
127.0.0.1 xn--bcher-kva.test
`;

const interfaces = Object.entries(networkInterfaces());
const [lo = "lo", addresses = []] =
  interfaces.find(([, all]) => all?.some(({ address }) => address === "127.0.0.1")) ?? [];
const mayNot = spawnSync("unshare", ["-m", "mount", "--bind", "/etc/hosts", "/etc/hosts"]).status;
const skip = mayNot !== 0
  ? "needs to be root on Linux, for a mount namespace"
  : !addresses.some(({ address }) => address === "::1") && "this machine has no IPv6";

/** How each meeting ends. */
async function outcomes(meetings: readonly Meeting[]): Promise<string[][]> {
  using folder = new Folder();
  const hosts = folder.at("hosts");
  writeFileSync(hosts, HOSTS);
  const { command, args } = CURRENT;
  const inside = 'mount --bind "$1" /etc/hosts && shift && exec "$@"';
  const program = [command, ...args, join(WORKERS, "names.ts")];
  const { stdout, stderr } = await run(
    "unshare",
    ["-m", "sh", "-c", inside, "sh", hosts, ...program],
    { input: JSON.stringify(meetings), cwd: PROJECT },
  );
  assert.notEqual(stdout.length, 0, stderr);
  return JSON.parse(stdout.toString());
}

/** Checks where each pair meets: the address that is reached, and the one that it is reached from. */
async function assertMeet(
  cases: readonly (readonly [...Meeting, ...string[]])[],
): Promise<void> {
  const met = await outcomes(cases.map(([bind, connect]) => [bind, connect]));
  assert.deepEqual(met, cases.map(([, , ...wanted]) => wanted));
}

describe("the name of a host", () => {
  test("may have an IPv6 address alone", { skip }, async () => {
    await assertMeet([
      ["tcp://six.test:0", "tcp://six.test", "tcp://[::1]", "tcp://[::1]"],
      ["ws://six.test:0", "ws://six.test", "ws://[::1]", "ws://[::1]"],
      ["tcp6://six.test:0", "tcp6://six.test", "tcp6://[::1]", "tcp6://[::1]"],
      ["tcp://[::1]:0", "tcp://both.test", "tcp://[::1]", "tcp://[::1]"],
      ["tcp://127.0.0.1:0", "tcp://both.test", "tcp://127.0.0.1", "tcp://127.0.0.1"],
    ]);
  });

  test("may be international, and bare", { skip }, async () => {
    await assertMeet([
      ["tcp://bücher.test:0", "tcp://BÜCHER.test", "tcp://127.0.0.1", "tcp://127.0.0.1"],
      ["ws://bücher.test:0", "ws://bücher.test", "ws://127.0.0.1", "ws://127.0.0.1"],
      ["tcp://barehost:0", "tcp://barehost", "tcp://127.0.0.1", "tcp://127.0.0.1"],
    ]);
  });

  test(
    "stands for its addresses of the family that is asked for, each in turn",
    { skip },
    async () => {
      await assertMeet([
        ["tcp4://both.test:0", "tcp4://both.test", "tcp4://127.0.0.1", "tcp4://127.0.0.1"],
        ["tcp6://both.test:0", "tcp6://both.test", "tcp6://[::1]", "tcp6://[::1]"],
        ["ws4://both.test:0", "ws4://both.test", "ws4://127.0.0.1", "ws://127.0.0.1"],
        ["ws6://both.test:0", "ws6://both.test", "ws6://[::1]", "ws://[::1]"],
        ["tcp://127.0.0.1:0", "tcp4://two.test", "tcp4://127.0.0.1", "tcp://127.0.0.1"],
      ]);
    },
  );

  test(
    "stands for its addresses of the local address's family, or the interface's",
    { skip },
    async () => {
      await assertMeet([
        ["tcp://127.0.0.1:0", "tcp://127.0.0.7;both.test", "tcp://127.0.0.1", "tcp://127.0.0.7"],
        ["tcp://[::1]:0", "tcp://[::1];both.test", "tcp://[::1]", "tcp://[::1]"],
        ["tcp://127.0.0.1:0", `tcp://${lo};both.test`, "tcp://127.0.0.1", "tcp://127.0.0.1"],
        ["tcp://[::1]:0", `tcp://${lo};both.test`, "tcp://[::1]", "tcp://[::1]"],
        ["ws://[::1]:0", `ws://${lo};both.test`, "ws://[::1]", "ws://[::1]"],
      ]);
    },
  );

  test("without an address of the family is told so", { skip }, async () => {
    const no = (what: string, family: number): string =>
      `${what}: "${family === 6 ? "four" : "six"}.test" has no IPv${family} address (ENOTFOUND)`;
    await assertMeet([
      ["tcp://[::1]:0", "tcp6://four.test", no('Cannot connect to "tcp6://four.test:0"', 6)],
      ["ws://[::1]:0", "ws4://six.test", no('Cannot connect to "ws4://six.test:0"', 4)],
      ["tcp6://four.test:0", "tcp://four.test", no('Cannot bind to "tcp6://four.test:0"', 6)],
      ["tcp4://six.test:0", "tcp://six.test", no('Cannot bind to "tcp4://six.test:0"', 4)],
      [
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1;six.test",
        'Cannot connect to "tcp://127.0.0.1;six.test:0": "127.0.0.1" and "six.test" have no IP version in common (EADDRNOTAVAIL)',
      ],
    ]);
  });
});
