import type { Finding, Plan } from "../lib/part.ts";
import { Random } from "../lib/random.ts";
import { type Company, dropsOf, numberOf, Stage } from "./actors.ts";
import { type Fault, Member, sleep } from "./member.ts";
import { readRecord } from "./record.ts";
import { FINISH } from "./reqrep.ts";
import { storm, tally } from "./storm.ts";

/** Milliseconds that a subscription may take to come back after the last fault. */
const BACK = 5_000;

/** What the records of a SUB say. */
interface Seen {
  messages: number;
  /** Messages that came after a later one, or again. */
  disorder: number;
  gaps: number;
  /** Messages that the gaps are of. */
  missing: number;
  /** Connections but the first of each life. */
  reconnections: number;
  /** The last number. */
  last: number;
}

/** One PUBs: the order is kept, a gap is a fault, and each subscription comes back. */
export async function pubsub(company: Company, plan: Plan, count: number): Promise<Finding> {
  const random = new Random(plan.seed);
  await using stage = new Stage();
  const bind = await company.freshAddress();
  const { child: pub, address } = await stage.play(company, "pub", { bind, rate: 2_000 });
  const subs = await Member.several(plan.short ? 2 : 3, {
    stage,
    company,
    role: "sub",
    dials: address,
  });
  const kinds: Fault[] = ["kill", "reset", "end", "stop", "flap", "endToListener"];
  const made = await storm(subs, kinds, count, random);
  const back = await Promise.all(subs.map(comesBack));
  const answer = await pub.ask("finish", {}, FINISH);
  await Promise.all(subs.map((sub) => sub.close()));

  const seen = subs.flatMap(({ records }) => records).map(look);
  const sum = (name: keyof Seen): number => seen.reduce((total, one) => total + one[name], 0);
  const { total: dropped, text } = dropsOf(answer);
  const notBack = back.filter((isBack) => !isBack).length;
  const overflow = numberOf(answer.drops as never ?? {}, "overflow");
  return {
    situation: "PUB/SUB",
    who: company.name,
    measured: {
      faults: String(made.length),
      sent: String(numberOf(answer, "accepted")),
      "out of order": String(sum("disorder")),
      gaps: String(sum("gaps")),
      "missing in them": String(sum("missing")),
      ...company.isOurs &&
        { reconnections: String(sum("reconnections")), "counted as dropped": text },
      "subscriptions not back": String(notBack),
    },
    ...company.isOurs && {
      wanted: "order kept, no gap without a reconnection or a counted drop, each back",
      met: sum("messages") > 0 && sum("disorder") + notBack === 0 &&
        sum("gaps") <= sum("reconnections") + overflow && (dropped > 0 || overflow === 0),
    },
    note: tally(made),
  };
}

/** Whether messages come to it in its present life, after all that was. */
async function comesBack({ records }: Member): Promise<boolean> {
  const path = records.at(-1)!;
  const before = look(path).messages;
  const until = Date.now() + BACK;
  while (Date.now() < until) {
    if (look(path).messages > before) return true;
    await sleep(50);
  }
  return false;
}

function look(path: string): Seen {
  const seen: Seen = { messages: 0, disorder: 0, gaps: 0, missing: 0, reconnections: -1, last: 0 };
  for (const entry of readRecord(path)) {
    if (entry === undefined) {
      seen.reconnections++;
      continue;
    }
    const { number } = entry;
    seen.messages++;
    if (number <= seen.last) seen.disorder++;
    else if (seen.last > 0 && number > seen.last + 1) {
      seen.gaps++;
      seen.missing += number - seen.last - 1;
    }
    seen.last = number;
  }
  seen.reconnections = Math.max(0, seen.reconnections);
  return seen;
}
