/* Stands between two addresses of ZeroMQ's wire. */
import { Dealer, proxy, Pub, Pull, Push, Router, XPub, XSub } from "../../../zmtp/mod.ts";
import type { Invocation } from "../invocation.ts";
import { socketOptions } from "../options.ts";
import { securityOptions } from "../wires/zmtp.ts";
import { between } from "./device.ts";

/** The sockets of each pattern: the front's, the back's. */
const PAIRS = {
  reqrep: [Router, Dealer],
  pubsub: [XSub, XPub],
  pipeline: [Pull, Push],
} as const;

/** Passes messages on until it is told to stop. */
export async function runProxy(invocation: Invocation): Promise<void> {
  const { flags, stop } = invocation;
  const pattern = (flags.text("pattern") ?? "reqrep") as keyof typeof PAIRS;
  const options = { ...socketOptions(flags), ...securityOptions(flags) };
  const [Front, Back] = PAIRS[pattern];
  const [front, back] = [new Front(options), new Back(options)];
  const address = flags.text("capture");
  const capture = address === undefined ? undefined : new Pub(options);
  try {
    if (capture !== undefined) await capture.bind(address!);
    await between(
      [front, back],
      invocation,
      () => proxy(front, back, { signal: stop, ...(capture !== undefined && { capture }) }),
    );
  } finally {
    await capture?.close();
  }
}
