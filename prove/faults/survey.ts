import type { Finding, Plan } from "../lib/part.ts";
import { Random } from "../lib/random.ts";
import { type Company, numberOf, Stage } from "./actors.ts";
import { type Fault, Member } from "./member.ts";
import { FINISH } from "./reqrep.ts";
import { storm, tally } from "./storm.ts";

/** One SURVEYORs: each survey ends at its deadline, with answers to itself, one of each respondent. */
export async function survey(company: Company, plan: Plan, count: number): Promise<Finding> {
  const random = new Random(plan.seed);
  await using stage = new Stage();
  const respondents = await Member.several(plan.short ? 2 : 3, {
    stage,
    company,
    role: "respondent",
  });
  const connect = respondents.map(({ address }) => address);
  const { child: surveyor } = await stage.play(company, "surveyor", { connect, inFlight: 8 });
  const kinds: Fault[] = ["kill", "reset", "end", "stop", "flap", "endToListener", "drain"];
  const made = await storm(respondents, kinds, count, random);
  const answer = await surveyor.ask("finish", {}, FINISH);
  await Promise.all(respondents.map((respondent) => respondent.close()));
  const of = (name: string): number => numberOf(answer, name);
  const open = of("surveys") - of("ended") - of("failed");
  return {
    situation: "SURVEY",
    who: company.name,
    measured: {
      faults: String(made.length),
      surveys: String(of("surveys")),
      responses: String(of("responses")),
      "not ended": String(open),
      "ended with an error": String(of("failed")),
      "responses to another": String(of("alien")),
      "second responses": String(of("twice")),
      "latest end": `${Math.round(of("latest"))} ms past the deadline`,
    },
    wanted: "each ends, 500 ms past its deadline at the latest; no response to another",
    met: of("responses") > 0 && open + of("failed") + of("alien") + of("twice") === 0 &&
      // The machine does other things, above all start processes.
      (plan.short || of("latest") <= 500),
    note: of("failed") > 0 ? String(answer.failure) : tally(made),
  };
}
