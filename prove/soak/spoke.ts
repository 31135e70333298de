/**
 * The side that comes and goes: visits, each with a REQ, a PUSH, a SUB and a RESPONDENT of its own, and one of each that stays.
 *
 * @module
 */
import { gauge } from "./gauge.ts";
import { Push, Req, Respondent, Sub } from "../../mod.ts";
import { serveQuestions } from "../lib/answers.ts";
import { numbered, numbersOf } from "../faults/record.ts";

/** What a visit does at least, before it ends. */
const REQUESTS = 20;
const MESSAGES = 50;
const TAKEN = 10;
/** Visits at once. */
const VISITORS = 3;
/** Milliseconds between two rounds of one that stays. */
const PAUSE = 20;

const count = {
  visits: 0,
  asked: 0,
  answered: 0,
  pushed: 0,
  taken: 0,
  gaps: 0,
  answeredSurveys: 0,
  failed: 0,
  failure: "",
};
let goesOn = true;
let done: Promise<unknown> = Promise.resolve();

const sleep = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** A peer of each pattern. `round` does its part once, and is called until it says that it is over. */
async function visit(addresses: Readonly<Record<string, string>>, stays: boolean): Promise<void> {
  const linger = 10_000;
  const req = new Req({ linger });
  const push = new Push({ linger });
  const sub = new Sub({ subscribe: "" });
  const respondent = new Respondent({ linger });
  try {
    req.connect(addresses.rep!);
    push.connect(addresses.pull!);
    sub.connect(addresses.pub!);
    respondent.connect(addresses.surveyor!);
    respondent.serve((survey) => {
      count.answeredSurveys++;
      return survey;
    });
    const listener = new Listener(sub);
    do {
      await Promise.all([ask(req), sendAll(push), listener.take()]);
      if (stays) await sleep(PAUSE);
    } while (stays && goesOn);
  } catch (error) {
    count.failed++;
    count.failure = String(error);
  } finally {
    await Promise.all([req.close(), push.close(), sub.close(), respondent.close()]);
    count.visits++;
  }
}

async function ask(req: Req): Promise<void> {
  await Promise.all(Array.from({ length: REQUESTS }, async () => {
    const number = ++count.asked;
    const reply = await req.request(numbered(number));
    if (numbersOf(reply)?.[0] === number) count.answered++;
  }));
}

async function sendAll(push: Push): Promise<void> {
  for (let i = 0; i < MESSAGES; i++) {
    await push.send(numbered(i + 1));
    count.pushed++;
  }
}

/** Takes messages, and looks whether one is missing. */
class Listener {
  readonly #sub: Sub;
  #last = 0;

  constructor(sub: Sub) {
    this.#sub = sub;
  }

  async take(): Promise<void> {
    for (let i = 0; i < TAKEN; i++) {
      const number = numbersOf(await this.#sub.receive())?.[0] ?? 0;
      if (this.#last > 0 && number !== this.#last + 1) count.gaps++;
      this.#last = number;
      count.taken++;
    }
  }
}

serveQuestions({
  play: ({ addresses }) => {
    const over = (transport: number): Record<string, string> =>
      Object.fromEntries(
        Object.entries(addresses as Record<string, string[]>).map((
          [name, all],
        ) => [name, all[transport % all.length]!]),
      );
    const visitor = async (): Promise<void> => {
      while (goesOn) await visit(over(count.visits), false);
    };
    done = Promise.all([visit(over(0), true), ...Array.from({ length: VISITORS }, visitor)]);
  },
  gauge: () => ({ sample: gauge() }),
  finish: async () => {
    goesOn = false;
    await done;
    return { ...count, sample: gauge() };
  },
});
