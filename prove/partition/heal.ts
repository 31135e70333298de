import { type Company, dropsOf, numberOf, Stage } from "../faults/actors.ts";
import { sleep } from "../faults/member.ts";
import { noMoreComes, tallied } from "../faults/received.ts";
import { readRecord } from "../faults/record.ts";
import { FINISH } from "../faults/reqrep.ts";
import type { Finding } from "../lib/part.ts";

/** A contestant on both hosts. */
export interface Pair {
  /** On the host that dials. */
  readonly left: Company;
  /** On the host that is dialled. */
  readonly right: Company;
}

/** How long messages may take to come again after the network is well, in milliseconds: TCP tries again after longer and longer. */
const BACK = 10_000;

/**
 * REQ/REP, PUSH/PULL and PUB/SUB over a network that something happens to. The connections may survive it or not: what TCP has
 * it delivers, once it can.
 *
 * @param happens Resolves when all is well again.
 */
export async function heals(
  { left, right }: Pair,
  situation: string,
  happens: () => Promise<string>,
): Promise<Finding> {
  await using stage = new Stage();
  const listen = async (role: string): Promise<{ address: string; record: string }> => {
    const record = stage.freshFile();
    const bind = await right.freshAddress();
    const { address } = await stage.play(right, role, { bind, record, rate: 500 });
    return { address, record };
  };
  const [rep, pull, pub] = [await listen("rep"), await listen("pull"), await listen("pub")];
  const taken = stage.freshFile();
  const dial = (role: string, address: string, record: string) =>
    stage.play(left, role, { connect: [address], rate: 500, inFlight: 8, record });
  const [{ child: req }, { child: push }] = await Promise.all([
    dial("req", rep.address, stage.freshFile()),
    dial("push", pull.address, stage.freshFile()),
    dial("sub", pub.address, taken),
  ]);
  await grows([pull.record, taken], BACK);

  const note = await happens();
  const back = await grows([pull.record, taken], BACK);
  const [asked, pushed] = await Promise.all([
    req.ask("finish", {}, FINISH),
    push.ask("finish", {}, FINISH),
  ]);
  await noMoreComes([pull.record]);
  const accepted = numberOf(pushed, "accepted");
  const { missing, twice, alien } = tallied([pull.record], accepted);
  const lost = missing.length - dropsOf(pushed).total;
  const requests = numberOf(asked, "asked");
  const unanswered = requests - numberOf(asked, "answered");
  return {
    situation,
    who: left.name,
    measured: {
      "messages come again after": back === undefined ? `more than ${BACK} ms` : `${back} ms`,
      requests: String(requests),
      "without an answer": String(unanswered),
      pushed: String(accepted),
      lost: String(missing.length),
      ...left.isOurs && { "counted as dropped": dropsOf(pushed).text },
      twice: String(twice),
    },
    ...left.isOurs && {
      wanted: `again within ${BACK / 1e3} s; nothing lost, nothing twice`,
      met: back !== undefined && requests > 0 && unanswered === 0 && accepted > 0 && lost === 0 &&
        twice + alien === 0,
    },
    note,
  };
}

/** Resolves with the milliseconds until each of the records has grown; undefined if one does not. */
async function grows(records: readonly string[], within: number): Promise<number | undefined> {
  const lengths = (): number[] => records.map((path) => Array.from(readRecord(path)).length);
  const before = lengths();
  const began = Date.now();
  while (Date.now() - began < within) {
    if (lengths().every((length, i) => length > before[i]!)) return Date.now() - began;
    await sleep(20);
  }
}

/** A REQ with two REPs, of which one is behind a network that falls silent: every request has an answer, by the other. */
export async function oneOfTwo(
  { left, right }: Pair,
  silence: () => Promise<void>,
  milliseconds: number,
): Promise<Finding> {
  await using stage = new Stage();
  const far = await stage.play(right, "rep", { bind: await right.freshAddress() });
  const bind = left.isOurs ? "tcp://127.0.0.1:0" : "tcp://127.0.0.1:4999";
  const near = await stage.play(left, "rep", { bind });
  const connect = [far.address, near.address];
  const { child: req } = await stage.play(left, "req", { connect, inFlight: 8 });
  await sleep(1_000);
  await silence();
  await sleep(milliseconds);
  const answer = await req.ask("finish", {}, FINISH);
  const requests = numberOf(answer, "asked");
  const unanswered = requests - numberOf(answer, "answered");
  return {
    situation: "one REP of two falls silent; resent after 1 s",
    who: left.name,
    measured: {
      requests: String(requests),
      "without an answer": String(unanswered),
      slowest: `${Math.round(numberOf(answer, "slowest"))} ms`,
    },
    ...left.isOurs && { wanted: "all answered", met: requests > 0 && unanswered === 0 },
  };
}
