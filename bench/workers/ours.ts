/**
 * This library in every role of the bench, by its public API only; run by Deno, by Bun and by Node.
 *
 * @module
 */
import { type Role, runWorker } from "../lib/worker.ts";

/** A role that is loaded when it is played. */
function lazily(load: () => Promise<Role>): Role {
  return async (settings) => (await load())(settings);
}

runWorker({
  pull: lazily(async () => (await import("./throughput.ts")).pull),
  push: lazily(async () => (await import("./throughput.ts")).pushes),
  pushes: lazily(async () => (await import("./throughput.ts")).pushes),
  inproc: lazily(async () => (await import("./throughput.ts")).inproc),
  echo: lazily(async () => (await import("./latency.ts")).echo),
  ping: lazily(async () => (await import("./latency.ts")).ping),
  rep: lazily(async () => (await import("./requests.ts")).rep),
  req: lazily(async () => (await import("./requests.ts")).req),
  pub: lazily(async () => (await import("./fan_out.ts")).pub),
  sub: lazily(async () => (await import("./fan_out.ts")).sub),
  prefixes: lazily(async () => (await import("./subscriptions.ts")).prefixes),
  "idle-listener": lazily(async () => (await import("./connections.ts")).idleListener),
  "idle-dialer": lazily(async () => (await import("./connections.ts")).idleDialer),
  stall: lazily(async () => (await import("./slow_reader.ts")).stall),
  flood: lazily(async () => (await import("./slow_reader.ts")).flood),
  take: lazily(async () => (await import("./codecs.ts")).take),
  give: lazily(async () => (await import("./codecs.ts")).give),
  format: lazily(async () => (await import("./villas.ts")).format),
});
