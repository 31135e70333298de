/* Opens the reports that the flags ask for; what makes them is loaded only if they ask for some. */
import type { SocketEvent, SocketStats } from "../../../mod.ts";
import type { Invocation } from "../invocation.ts";

/** What is reported on: a socket, of any wire. */
export interface Reported {
  events(): ReadableStream<SocketEvent>;
  stats(): SocketStats;
}

/** Reports on what happens, on standard error. */
export interface Report {
  /** Messages done so far, out of `--count` or of those given. The loops count them here. */
  done: number;
  /** Tells that an address is bound. @param what Which side of several. */
  bound(address: string, what?: string): void;
  /** Tells what there is left to tell, and no more. Close what is reported on first: its last events come then. */
  stop(): Promise<void>;
}

const FLAGS = ["stats", "events", "progress", "verbose"];

/** Begins to report on sockets. Call it before they are bound or connected, so that nothing is missed. */
export async function openReport(
  sockets: readonly Reported[],
  invocation: Invocation,
): Promise<Report> {
  if (!FLAGS.some((name) => invocation.flags.has(name))) {
    return { done: 0, bound: () => {}, stop: async () => {} };
  }
  const { LiveReport } = await import("./report.ts");
  return new LiveReport(sockets, invocation);
}
