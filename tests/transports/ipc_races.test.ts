/** Several sockets that bind the same path of `ipc://` at the same time, where a stale file lies: one of them gets it. */

import assert from "node:assert/strict";
import { linkSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Pull } from "../../mod.ts";
import { registerTransport } from "../../src/surface/transports.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import { spError } from "../helpers/errors.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT, RUNTIMES } from "../helpers/runtimes.ts";
import { HERE } from "../runtime/adapters.ts";
import { assertReaches, Folder, knock, leaveStale, skip, WORKERS } from "./ipc_stage.ts";

/** Each may go another way: on three runtimes they come to some thousand. */
const ROUNDS = 100;

for (const runtime of HERE) {
  test(
    `of two sockets that race for a stale file, one is bound, ${ROUNDS} times out of ${ROUNDS}, by the ${runtime.name} adapter`,
    {
      skip,
    },
    async () => {
      registerTransport(new IpcTransport(() => runtime));
      using folder = new Folder();
      const path = folder.at("socket");
      for (let round = 0; round < ROUNDS; round++) {
        await leaveStale(path);
        const pulls = [new Pull(), new Pull(), new Pull()];
        const outcomes = await Promise.allSettled(pulls.map((pull) => pull.bind(`ipc://${path}`)));
        const winners = pulls.filter((_, i) => outcomes[i]!.status === "fulfilled");
        assert.equal(winners.length, 1, `round ${round}`);
        for (const outcome of outcomes) {
          if (outcome.status === "rejected") spError("EADDRINUSE", path)(outcome.reason);
        }
        if (round % 20 === 0) await assertReaches(winners[0]!, path);
        await Promise.all(pulls.map((pull) => pull.close()));
        assert.deepEqual(folder.names, [], `round ${round}`);
      }
    },
  );
}

for (const rival of RUNTIMES) {
  test(
    `of two processes that race for a stale file, one is bound, ${ROUNDS} times out of ${ROUNDS} (with ${rival.name})`,
    {
      skip,
    },
    async () => {
      using folder = new Folder();
      await leaveStale(...Array.from({ length: ROUNDS }, (_, round) => folder.at(`${round}`)));
      const startTime = Date.now() + 1500;
      const args = [join(WORKERS, "racer.ts"), folder.path, `${ROUNDS}`, `${startTime}`, "5"];
      const race = ({ command, args: own }: typeof rival): Child =>
        start(command, [...own, ...args]);
      await using one = race(CURRENT);
      await using other = race(rival);
      const results = await Promise.all(
        [one, other].map(async (child) => JSON.parse(await child.line(/^\[/)) as string[]),
      );
      for (let round = 0; round < ROUNDS; round++) {
        const outcome = results.map((outcomes) => outcomes[round]).sort();
        assert.deepEqual(outcome, ["EADDRINUSE", "bound"], `round ${round}`);
        const { socket, code } = await knock(folder.at(`${round}`));
        socket.destroy();
        assert.equal(code, "connected", `round ${round}`);
      }
      assert.equal(folder.names.length, ROUNDS);
    },
  );
}

test("a claim that a process left behind when it ended is no obstacle", { skip }, async () => {
  using folder = new Folder();
  const path = folder.at("socket");
  await leaveStale(path);
  linkSync(path, folder.at(`.${lstatSync(path).ino}`));
  await using pull = new Pull();
  await pull.bind(`ipc://${path}`);
  assert.deepEqual(folder.names.filter((name) => name.includes("socket")), ["socket"]);
  await assertReaches(pull, path);
});
