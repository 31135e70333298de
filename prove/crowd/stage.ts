import type { CrowdSeen } from "../../bench/lib/crowd.ts";
import { Child } from "../lib/child.ts";
import type { Finding, Plan, Runtime } from "../lib/part.ts";
import { milliseconds, type Troupe } from "../lib/attempt.ts";
import type { ProtocolName, WireName } from "./wires.ts";

/** One row of the crowd's table. */
export interface Scenario {
  /** Its name on the command line, after `crowd.`. */
  readonly name: string;
  /** Yields what it finds. */
  readonly run: (plan: Plan) => AsyncIterable<Finding>;
}

/** The socket that is tried, in a process of its own. */
export function receiverOn(troupe: Troupe, runtime: Runtime, heapLimit?: number): Child {
  const flag = `--max-old-space-size=${heapLimit}`;
  const env = heapLimit === undefined ? {} : { NODE_OPTIONS: flag, DENO_V8_FLAGS: flag };
  return troupe.add(Child.of(runtime, new URL("receiver.ts", import.meta.url), { env }));
}

/** A process of raw peers. */
export function rawPeers(troupe: Troupe): Child {
  return troupe.add(Child.of("node", new URL("peers.ts", import.meta.url)));
}

/** Opens the socket; resolves with its port. */
export async function open(
  receiver: Child,
  pattern: "pull" | "sub",
  scheme: "tcp" | "ws" = "tcp",
  options: object = {},
): Promise<number> {
  return (await receiver.ask("open", { pattern, scheme, options })).port as number;
}

/** As whom raw peers come. */
export interface Guise {
  readonly port: number;
  readonly wire?: WireName;
  readonly protocol?: ProtocolName;
  readonly isDeaf?: boolean;
}

/** Has so many peers connect; throws unless all do. */
export async function join(peers: Child, count: number, guise: Guise): Promise<void> {
  const { failed } = await peers.ask("join", {
    wire: "sp",
    protocol: "push",
    ...guise,
    count,
  }, 60_000);
  if (failed !== 0) throw new Error(`${failed} of ${count} peers could not connect`);
}

/** What a window of the receiver saw. */
export type Seen = CrowdSeen & { readonly longestTurn: number; readonly turns: number };

/** A window of so many milliseconds; a loop that is held up answers late. */
export async function look(receiver: Child, time: number, loud: number): Promise<Seen> {
  const answer = await receiver.ask("window", { milliseconds: time, loud }, time + 60_000);
  return answer as unknown as Seen;
}

/** The figures of a window, for the table. */
export function figures(seen: Seen): Record<string, string> {
  return {
    ...(!Number.isNaN(seen.longestTurn) && { "longest turn": milliseconds(seen.longestTurn) }),
    "most/least": ratio(seen) === Infinity ? `${seen.most}/0` : ratio(seen).toFixed(1),
    "quiet p50": milliseconds(seen.p50),
    "quiet p99": milliseconds(seen.p99),
    "taken": `${Math.round(seen.taken / seen.elapsed)} k/s`,
  };
}

/** How many times as much was taken from one as from another. */
export function ratio({ most, least }: Pick<Seen, "most" | "least">): number {
  return least === 0 ? Infinity : most / least;
}

/** What is wanted of a crowd. */
export const wantedOfACrowd = "no turn above 100 ms, within 2 times, quiet p99 below 250 ms";

/** Whether it is so. */
export function isFair(seen: Seen): boolean {
  return seen.longestTurn <= 100 && ratio(seen) <= 2 && seen.p99 < 250;
}
