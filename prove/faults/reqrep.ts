import type { Finding, Plan } from "../lib/part.ts";
import { Random } from "../lib/random.ts";
import { type Company, dropsOf, numberOf, Stage } from "./actors.ts";
import { type Fault, Member } from "./member.ts";
import { storm, tally } from "./storm.ts";

/** Milliseconds that a worker may take to finish: its own patience is 15 s. */
export const FINISH = 30_000;

/** One REQ that asks several REPs. Every request has one answer, the right one. */
export async function reqrep(company: Company, plan: Plan, count: number): Promise<Finding> {
  const random = new Random(plan.seed);
  await using stage = new Stage();
  const reps = await Member.several(plan.short ? 2 : 3, { stage, company, role: "rep" });
  const connect = reps.map(({ address }) => address);
  const { child: req } = await stage.play(company, "req", { connect, inFlight: 64 });
  const kinds: Fault[] = company.isOurs
    ? ["kill", "reset", "end", "stop", "flap", "endToListener", "drain"]
    : ["kill", "reset", "end", "stop", "flap", "endToListener"];
  const made = await storm(reps, kinds, count, random);
  const answer = await req.ask("finish", {}, FINISH);
  await Promise.all(reps.map((rep) => rep.close()));
  const [asked, answered, wrong, failed] = ["asked", "answered", "wrong", "failed"].map((name) =>
    numberOf(answer, name)
  ) as [number, number, number, number];
  const lost = asked - answered - wrong - failed;
  const slowest = numberOf(answer, "slowest");
  return {
    situation: "REQ/REP",
    who: company.name,
    measured: {
      faults: String(made.length),
      requests: String(asked),
      "without an answer": String(lost + failed),
      "with a wrong one": String(wrong),
      "slowest": `${Math.round(slowest)} ms`,
      ...company.isOurs && { "dropped": dropsOf(answer).text },
    },
    ...company.isOurs && {
      wanted: "one answer to each, the right one",
      met: asked > 0 && lost + failed + wrong === 0,
    },
    note: failed > 0 && company.isOurs ? String(answer.failure) : tally(made),
  };
}
