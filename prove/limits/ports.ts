import { attempt, titles } from "../lib/attempt.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { comesTrue, isRoot, type Scenario, workerOn } from "./stage.ts";

/** A network of its own, in which ten ports are for who connects. */
const TEN_PORTS = [
  "unshare",
  "--net",
  "sh",
  "-c",
  'ip link set lo up && echo "40000 40009" > /proc/sys/net/ipv4/ip_local_port_range && exec "$@"',
  "sh",
];

/** More dialers than ports. */
export const ports: Scenario = {
  name: "ports",
  run: async function* (plan) {
    for (const runtime of plan.runtimes) yield await usedUp(plan, runtime);
  },
};

async function usedUp(plan: Plan, runtime: Runtime): Promise<Finding> {
  const situation = "20 dialers, and 10 ports to connect from";
  const who = `ours, ${titles[runtime]}`;
  if (!isRoot) return { situation, who, measured: {}, note: "skipped: needs root on Linux" };
  const wanted = "10 connect, an event for the others, which connect when ports are free again";
  plan.tell(`${situation}: ${who}`);
  return await attempt({ situation, who, wanted }, async (troupe) => {
    const worker = workerOn(troupe, runtime, TEN_PORTS);
    const { address } = await worker.ask("bind", { address: "tcp://127.0.0.1:5555" });
    await worker.ask("connect", { address, count: 20 });
    const connected = async (): Promise<unknown> => (await worker.ask("connected")).connected;
    const half = await comesTrue(async () => await connected() === 10);
    const failed = await worker.ask("events", { type: "connect-failed" });
    await worker.ask("release", { count: 20 - 8 });
    const rest = await comesTrue(async () => await connected() === 8);
    await worker.ask("send");
    const received = await comesTrue(async () => (await worker.ask("stats")).received === 8);
    return {
      measured: {
        "connected": half ? "10" : `${await connected()}`,
        "event": failed.count === 0 ? "none" : `${failed.code}`,
        "the rest afterwards": rest && received ? "yes" : "no",
      },
      met: half && failed.count !== 0 && failed.code === "EADDRNOTAVAIL" && rest && received,
    };
  });
}
