import type { Random } from "../lib/random.ts";
import { type Fault, type Member, sleep } from "./member.ts";

/** A fault that was made: from when it began until its member was well again, by the clock. */
export interface Made {
  readonly fault: Fault;
  readonly from: number;
  readonly until: number;
}

/** Milliseconds without a fault after 50 of them. */
const PAUSE = 2_000;

/**
 * Makes faults, one each 50 to 150 ms, on members that are well, so that several happen at once. Resolves when all members are
 * well again; rejects if one is not to be started again.
 *
 * @param count How many.
 * @param kinds Which.
 */
export async function storm(
  members: readonly Member[],
  kinds: readonly Fault[],
  count: number,
  random: Random,
): Promise<Made[]> {
  const made: Made[] = [];
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (let i = 0; i < count; i++) {
    // Each kind once at least, if there is time for it.
    const fault = i < kinds.length ? kinds[i]! : random.pick(kinds);
    const well = members.filter(({ isBusy }) => !isBusy);
    if (well.length === 0) await Promise.race(underWay);
    const member = random.pick(members.filter(({ isBusy }) => !isBusy));
    const from = Date.now();
    const whole = member.suffer(fault, random).then(
      () => void made.push({ fault, from, until: Date.now() }),
      (error) => void failures.push(error),
    );
    underWay.add(whole);
    whole.then(() => underWay.delete(whole));
    await sleep(50 + random.below(100));
    // In between there are pauses in which nothing may be lost.
    if (i % 50 === 49) {
      await Promise.all(underWay);
      await sleep(PAUSE);
    }
    if (failures.length > 0) break;
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
  return made;
}

/** How many there were of each: `12 kill, 14 stop`. */
export function tally(made: readonly Made[]): string {
  const counts = new Map<Fault, number>();
  for (const { fault } of made) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return Array.from(counts, ([fault, count]) => `${count} ${fault}`).join(", ");
}
