import type { Answer } from "../lib/child.ts";
import type { Finding, Plan } from "../lib/part.ts";
import { Random } from "../lib/random.ts";
import { type Company, dropsOf, numberOf, Stage } from "./actors.ts";
import { type Fault, Member } from "./member.ts";
import { noMoreComes, tallied } from "./received.ts";
import { FINISH } from "./reqrep.ts";
import { type Made, storm, tally } from "./storm.ts";

/** Milliseconds before a fault in which a message may have been accepted that the fault loses: it was on its way. */
const ON_ITS_WAY = 1_500;
/** Bytes that may be on their way on one connection: of the two systems, the proxy's, and those that a killed PULL had not taken. */
const WINDOW = 4 * 2 ** 20;

/** Faults that lose nothing: a stopped peer goes on, and one that ends its connection in order takes what was sent to it. */
const GENTLE: readonly Fault[] = ["stop", "end", "drain"];
/** Faults that lose what was with the operating system. */
const HARD: readonly Fault[] = ["kill", "reset", "flap", "endToListener"];

/** One PUSH that sends to several PULLs: what comes, comes once, and what is lost is accounted for. */
export async function pipeline(
  company: Company,
  plan: Plan,
  count: number,
  isGentle: boolean,
): Promise<Finding> {
  const random = new Random(plan.seed);
  await using stage = new Stage();
  const pulls = await Member.several(plan.short ? 2 : 3, { stage, company, role: "pull" });
  const connect = pulls.map(({ address }) => address);
  const { child: push } = await stage.play(company, "push", { connect, rate: 5_000 });
  const kinds = isGentle ? GENTLE.filter((fault) => company.isOurs || fault !== "drain") : HARD;
  const made = await storm(pulls, kinds, count, random);
  const answer = await push.ask("finish", {}, FINISH);
  await noMoreComes(pulls.flatMap(({ records }) => records));
  await Promise.all(pulls.map((pull) => pull.close()));

  const accepted = numberOf(answer, "accepted");
  const taken = tallied(pulls.flatMap(({ records }) => records), accepted);
  const { total: dropped, text } = dropsOf(answer);
  const missing = taken.missing.length - dropped;
  const unexplained = taken.missing.filter((number) => !isExplained(number, answer, made)).length;
  const allowed = made.length * WINDOW / 64;
  const met = isGentle
    ? taken.missing.length === 0
    : missing >= 0 && missing <= allowed && unexplained === 0;
  return {
    situation: isGentle
      ? "PUSH/PULL, faults in order (SIGSTOP, FIN, drain)"
      : "PUSH/PULL, hard faults (SIGKILL, RST, FIN, flapping)",
    who: company.name,
    measured: {
      faults: String(made.length),
      messages: String(accepted),
      twice: String(taken.twice),
      lost: String(taken.missing.length),
      ...company.isOurs && { "counted as dropped": text },
      ...company.isOurs && !isGentle &&
        { "in the window": String(missing), "without a fault": String(unexplained) },
    },
    ...company.isOurs && {
      wanted: isGentle
        ? "none lost, none twice"
        : "none twice; each loss counted, or on its way at a fault",
      met: accepted > 0 && taken.twice + taken.alien === 0 && met,
    },
    note: tally(made) + (taken.alien > 0 ? `; ${taken.alien} that were never sent` : ""),
  };
}

/** Whether a fault came soon after a message was accepted. */
function isExplained(number: number, { times }: Answer, made: readonly Made[]): boolean {
  const ticks = times as readonly (readonly [time: number, accepted: number])[] | undefined;
  const at = ticks?.find(([, accepted]) => accepted >= number)?.[0];
  return at === undefined ||
    made.some(({ from, until }) => from - ON_ITS_WAY <= at && at <= until + ON_ITS_WAY);
}
