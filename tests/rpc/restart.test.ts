/** Calls under load, while the process of the service is killed and started again. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { temporaryFolder } from "../conformance/transports.ts";
import { Req, SPError } from "../../mod.ts";
import { rpcClient } from "../../rpc/mod.ts";
import { FAST_START } from "../helpers/nanocat.ts";
import { type Child, start } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { spError } from "../helpers/errors.ts";

interface Calculator {
  add(a: number, b: number): number;
}

/** How many calls are in flight at any time. */
const LOAD = 50;
/** How often the service is killed. */
const KILLS = 3;

const temporary = temporaryFolder();
after(() => temporary.remove());

async function startCalculator(address: string, log: string): Promise<Child> {
  const file = join(import.meta.dirname!, "workers", "calculator.ts");
  const child = start(CURRENT.command, [...CURRENT.args, file, address, log], { env: FAST_START });
  await child.line(/^bound$/);
  return child;
}

async function kill(child: Child): Promise<void> {
  child.kill("SIGKILL");
  await child.exited;
}

test("every call settles within its timeout, and none is answered twice", async () => {
  const address = `ipc://${join(temporary.folder, "calculator.ipc")}`;
  const log = join(temporary.folder, "calls.txt");
  await using req = new Req({ reconnectMax: 100 });
  req.connect(address);
  const calc = rpcClient<Calculator>(req);

  let isLoading = true;
  let next = 0;
  /** How each call has come to its end, by its number. */
  const outcomes = new Map<number, string[]>();
  let answered = 0;
  let answeredSinceKill = 0;
  let onAnswers: (() => void) | undefined;
  const work = async (): Promise<void> => {
    while (isLoading) {
      const a = next++;
      const ended: string[] = [];
      outcomes.set(a, ended);
      await calc.add(a, 0.5, { timeout: 20_000 }).then((sum) => {
        // Answered by the reply to this call, and to no other.
        assert.equal(sum, a + 0.5);
        ended.push("answered");
        answered++;
        if (++answeredSinceKill >= 2 * LOAD) onAnswers?.();
      }, (error) => {
        ended.push(error instanceof SPError ? error.code : String(error));
      });
    }
  };
  const enough = (): Promise<void> => {
    answeredSinceKill = 0;
    return new Promise((resolve) => onAnswers = resolve);
  };

  let child = await startCalculator(address, log);
  const load = Promise.all(Array.from({ length: LOAD }, work));
  for (let i = 0; i < KILLS; i++) {
    await enough();
    await kill(child);
    child = await startCalculator(address, log);
  }
  await enough();
  isLoading = false;
  await load;

  // Each promise has settled, once.
  assert.equal(outcomes.size, next);
  const wrong = [...outcomes].filter(([, ended]) =>
    ended.length !== 1 || !["answered", "ETIMEDOUT"].includes(ended[0]!)
  );
  assert.deepEqual(wrong, []);

  // Every message that the socket got is the one answer of one call; what came for a call that was over is counted as late.
  const { messagesReceived, drops } = req.stats();
  const { late = 0, unasked = 0 } = drops;
  assert.equal(unasked, 0);
  assert.equal(messagesReceived - late, answered);

  // What a killed service had in hand was executed again by the next one: at least once, never twice by one.
  const executed = readFileSync(log, "utf8").trim().split("\n");
  assert.equal(new Set(executed).size, executed.length);
  const numbers = new Set(executed.map((line) => Number(line.split(" ")[1])));
  for (const [a, [how]] of outcomes) if (how === "answered") assert.ok(numbers.has(a));
  assert.ok(executed.length >= answered);
  assert.ok(executed.length <= answered + outcomes.size * KILLS);

  // Nobody is there any more: calls in flight end by their timeout.
  await kill(child);
  const last = Array.from({ length: LOAD }, (_, i) => calc.add(i, 1, { timeout: 300 }));
  for (const one of await Promise.allSettled(last)) {
    assert.equal(one.status, "rejected");
    spError("ETIMEDOUT")((one as PromiseRejectedResult).reason);
  }
});
