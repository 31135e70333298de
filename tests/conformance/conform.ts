/** Declares the tests of one transport: each check for each pattern. */

import { after, test } from "node:test";
import type { Check } from "./check.ts";
import { CLOSING } from "./checks/closing.ts";
import { DELIVERY } from "./checks/delivery.ts";
import { EVENTS } from "./checks/events.ts";
import { EXCHANGE } from "./checks/exchange.ts";
import { PEERS } from "./checks/peers.ts";
import { RECONNECTING } from "./checks/reconnecting.ts";
import { SIZES } from "./checks/sizes.ts";
import { STREAMS } from "./checks/streams.ts";
import { WAITING } from "./checks/waiting.ts";
import { type PatternCase, PATTERNS } from "./patterns.ts";
import { Stage } from "./stage.ts";
import { leaveTransports, TRANSPORTS } from "./transports.ts";

const CHECKS: readonly Check[] = [
  ...EXCHANGE,
  ...PEERS,
  ...DELIVERY,
  ...SIZES,
  ...STREAMS,
  ...WAITING,
  ...EVENTS,
  ...RECONNECTING,
  ...CLOSING,
];

/** Where every pattern is tested: a stream of bytes, frames of its own, and messages that are handed over. */
const OF_ALL_PATTERNS: ReadonlySet<string> = new Set(["tcp", "ws", "inproc"]);

/**
 * Tests patterns on a transport: every check, with patterns of each kind. A transport knows no pattern, so that the others have nothing to
 * add to what they show on the three that have all.
 *
 * @param name Of the transport.
 * @param patterns SP's, unless others are given.
 * @param isLeftOut Tells whether a check makes no sense for one of them.
 */
export function conform(
  name: string,
  patterns: readonly PatternCase[] = PATTERNS,
  isLeftOut: (check: string, pattern: PatternCase) => boolean = () => false,
): void {
  const transport = TRANSPORTS.find((one) => one.name === name);
  if (transport === undefined) throw new RangeError(`Cannot test "${name}": no such transport`);
  after(leaveTransports);
  for (const pattern of patterns) {
    if (!pattern.isEverywhere && !OF_ALL_PATTERNS.has(name)) continue;
    for (const check of CHECKS) {
      if (check.applies?.(pattern, transport) === false) continue;
      if (isLeftOut(check.name, pattern)) continue;
      test(`${pattern.name} over ${name}: ${check.name}`, async () => {
        await using stage = await Stage.open(pattern, transport);
        await check.run(stage);
      });
    }
  }
}
