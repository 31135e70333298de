/** Gateways for tests: what they print, what they log, and waiting for it. */

import { Gateway } from "../../villas/mod.ts";
import type { Sample } from "../../villas/model/sample.ts";
import type { Value } from "../../villas/model/signal.ts";
import { dtypes } from "./samples.ts";

/** A gateway that runs, with all that it said. */
export interface Running extends AsyncDisposable {
  readonly gateway: Gateway;
  /** What the hook `print` showed, line by line. */
  readonly printed: string[];
  readonly logged: string[];
  /** Resolves once a condition holds; looks again and again. */
  until(condition: () => boolean): Promise<void>;
  /** Has a loopback node take a sample. */
  feed(node: string, types: string, values: Value[], more?: Partial<Sample>): Promise<void>;
}

/** How to print samples: only the sequence number and the values, few digits. */
export const PRINT = {
  type: "print",
  prefix: "",
  format: { type: "villas.human", real_precision: 1, ts_origin: false, ts_received: false },
};

export async function run(config: object): Promise<Running> {
  const printed: string[] = [];
  const logged: string[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const check of [...waiting]) check();
  };
  const gateway = new Gateway(config, {
    print(text) {
      printed.push(text.trimEnd().replace(/^0\.0/, ""));
      wake();
    },
    log(level, source, text) {
      logged.push(`${level} ${source}: ${text}`);
      wake();
    },
  });
  await gateway.start();
  return {
    gateway,
    printed,
    logged,
    until(condition) {
      return new Promise((resolve, reject) => {
        const done = (error?: Error): void => {
          clearTimeout(timer);
          clearInterval(looking);
          waiting.delete(check);
          if (error === undefined) resolve();
          else reject(error);
        };
        const check = (): void => {
          if (condition()) done();
        };
        const timer = setTimeout(
          () => done(new Error(`In vain: ${printed.join("\n")}\n${logged.join("\n")}`)),
          20_000,
        );
        // Counts change without a line.
        const looking = setInterval(check, 10);
        waiting.add(check);
        check();
      });
    },
    async feed(node, types, values, more = {}) {
      await gateway.nodes.get(node)!.write([{ signals: dtypes(types), values, ...more }]);
    },
    [Symbol.asyncDispose]: () => gateway.stop(),
  };
}
