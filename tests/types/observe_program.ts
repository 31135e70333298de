// A program that shows sockets to whoever runs them. It is checked, not run: `declarations.test.ts`.

import type { Meter } from "@opentelemetry/api";
import { Pull, Sub } from "@nanostreams/nanostreams";
import * as zmtp from "@nanostreams/nanostreams/zmtp";
import { type EventLog, logEvents, observe, prometheus } from "@nanostreams/nanostreams/observe";

/** Sockets of both wires, with and without names. */
export function socketsAreShown(): string {
  const [pull, sub] = [new Pull(), new zmtp.Sub()];
  prometheus([pull, sub]);
  prometheus(new Set([pull]), { peers: true });
  prometheus(new Map<string, Pull | zmtp.Sub>([["jobs", pull], ["news", sub]]));
  prometheus([["jobs", pull], sub]);
  // @ts-expect-error One socket is no list of sockets.
  prometheus(pull);
  // @ts-expect-error There is no such option.
  prometheus([pull], { peer: true });
  return prometheus({ jobs: pull, news: sub }, { endpoints: true });
}

/** OpenTelemetry's own meter fits. */
export function metersFit(meter: Meter): void {
  using _observed: Disposable = observe(new Sub(), meter, { attributes: { deployment: "lab" } });
  observe(new zmtp.Router(), meter);
  // @ts-expect-error This is no meter.
  observe(new Sub(), {});
}

/** The console is a logger, and so is what has the same methods. */
export async function consolesFit(warn: (line: string) => void): Promise<void> {
  const log: EventLog = logEvents(new Pull(), console, { levels: { attached: "off" } });
  await log.ended;
  logEvents(new zmtp.Pull(), { debug: warn, info: warn, warn, error: warn });
  // @ts-expect-error An event that there is not.
  logEvents(new Pull(), console, { levels: { opened: "info" } });
}
