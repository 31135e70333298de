import { freePort } from "../crowd/contestants.ts";
import { join, rawPeers } from "../crowd/stage.ts";
import { attempt, titles } from "../lib/attempt.ts";
import { Child } from "../lib/child.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { comesTrue, percent, processorShare, type Scenario, withFiles, workerOn } from "./stage.ts";

/** Descriptors of a process that is to run out of them, and peers that are too many for it. */
const FILES = 128;
const TOO_MANY = 200;

/**
 * Deno 2.9.6 panics (`ext/signals/lib.rs`, "Too many open files") when no descriptor is left in its first second, also in a program
 * that only accepts. So nobody comes before that is over.
 */
const FIRST_SECOND = 1500;

function firstSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FIRST_SECOND));
}

/** Of a processor, while a listener can do nothing. */
const IDLE = 0.1;

/** A listener that has no descriptor for the next peer. */
export const accept: Scenario = {
  name: "accept",
  run: async function* (plan) {
    for (const runtime of plan.runtimes) {
      yield await acceptOurs(plan, runtime);
      if (!plan.short) yield await acceptBare(plan, runtime);
    }
  },
};

function acceptOurs(plan: Plan, runtime: Runtime): Promise<Finding> {
  const situation = `${TOO_MANY} peers of a listener that has ${FILES} descriptors`;
  const who = `ours, ${titles[runtime]}`;
  const wanted =
    "an event, below 10 % of a processor, peers served throughout, room taken when there is some";
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted }, async (troupe) => {
    const worker = workerOn(troupe, runtime, withFiles(FILES));
    const { address } = await worker.ask("bind", { address: "tcp://127.0.0.1:0" });
    const port = Number((address as string).split(":").at(-1));
    const [good, many, late] = [rawPeers(troupe), rawPeers(troupe), rawPeers(troupe)];
    await join(good, 1, { port });
    await firstSecond();
    await many.ask("knock", { count: TOO_MANY, port });
    const told = await comesTrue(
      async () => (await worker.ask("events", { type: "accept-failed" })).count !== 0,
      plan.short ? 2000 : 10_000,
    );
    const { code } = await worker.ask("events", { type: "accept-failed" });
    const share = await processorShare(worker, plan.short ? 500 : 3000);
    const { count: tries } = await worker.ask("events", { type: "accept-failed" });
    const isServed = (count: number): Promise<boolean> =>
      comesTrue(async () => (await worker.ask("stats")).received as number >= count);
    await good.ask("once", { size: 64, bytes: 72 });
    const served = await isServed(1);
    await many.ask("leave");
    // A listener that rests refuses connections; who is refused tries again.
    await comesTrue(() => join(late, 1, { port }).then(() => true, () => false), 10_000);
    await late.ask("once", { size: 64, bytes: 72 });
    const recovered = await isServed(2);
    return {
      measured: {
        "event": told ? `${code}, ${tries} in all` : "none",
        "processor": percent(share),
        "served while full": served ? "yes" : "no",
        "room taken": recovered ? "yes" : "no",
      },
      met: told && share < IDLE && served && recovered,
    };
  });
}

function acceptBare(plan: Plan, runtime: Runtime): Promise<Finding> {
  const situation = `${TOO_MANY} peers of a listener that has ${FILES} descriptors`;
  const who = `bare socket, ${titles[runtime]}`;
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who }, async (troupe) => {
    const file = new URL("../crowd/bare_receiver.ts", import.meta.url);
    const child = troupe.add(Child.of(runtime, file, { before: withFiles(FILES) }));
    const port = await freePort();
    await child.ask("open", { port });
    await firstSecond();
    await rawPeers(troupe).ask("knock", { count: TOO_MANY, port });
    return { measured: { processor: percent(await processorShare(child, 3000)) } };
  });
}

/** A dialer that has no descriptor. */
export const connect: Scenario = {
  name: "connect",
  run: async function* (plan) {
    for (const runtime of plan.runtimes) yield await connectOurs(plan, runtime);
  },
};

function connectOurs(plan: Plan, runtime: Runtime): Promise<Finding> {
  const situation = "connect() when no descriptor is left";
  const who = `ours, ${titles[runtime]}`;
  const wanted = "an event that says EMFILE, and a connection once there is room";
  plan.tell(`${situation}: ${who}`);
  return attempt({ situation, who, wanted }, async (troupe) => {
    const other = workerOn(troupe, runtime);
    const { address } = await other.ask("bind", { address: "tcp://127.0.0.1:0" });
    const worker = workerOn(troupe, runtime, withFiles(FILES));
    await worker.ask("stats"); // It has started.
    await firstSecond();
    await worker.ask("fill");
    await worker.ask("connect", { address, count: 1 });
    const failed = (): Promise<{ count?: unknown; code?: unknown }> =>
      worker.ask("events", { type: "connect-failed" });
    const told = await comesTrue(async () => (await failed()).count !== 0);
    const { code } = await failed();
    const share = await processorShare(worker, plan.short ? 300 : 2000);
    await worker.ask("empty");
    const recovered = await comesTrue(async () => (await worker.ask("connected")).connected === 1);
    return {
      measured: {
        "event": told ? `${code}` : "none",
        "processor": percent(share),
        "connected afterwards": recovered ? "yes" : "no",
      },
      met: code === "EMFILE" && share < IDLE && recovered,
    };
  });
}
