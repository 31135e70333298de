import process from "node:process";
import { Rep, Req, Respondent, Surveyor } from "../../../mod.ts";
import { numbered, numbersOf } from "../record.ts";
import type { Part, Played } from "./worker.ts";

/** Milliseconds until a request is sent again: a peer that is stopped, and not lost, is given up by then. */
const RESEND = 1_000;
/** The longest pause between two tries to connect, in milliseconds. */
const RECONNECT = { reconnectMin: 10, reconnectMax: 100 };
/** Milliseconds that a survey lasts. */
const DEADLINE = 150;

/** Sends back what it is asked. */
export async function rep({ bind }: Part): Promise<Played> {
  const socket = new Rep();
  const { address } = await socket.bind(bind);
  socket.serve((question) => question);
  return { address, finish: () => Promise.resolve({}), drain: () => socket.drain() };
}

/** Asks, so many at once, each question with a number. */
export function req({ connect, inFlight }: Part): Promise<Played> {
  const socket = new Req({ resendInterval: RESEND, ...RECONNECT });
  connect.forEach((address) => socket.connect(address));
  const count = { asked: 0, answered: 0, wrong: 0, failed: 0, slowest: 0, failure: "" };
  let goesOn = true;
  const ask = async (): Promise<void> => {
    while (goesOn) {
      const number = ++count.asked;
      const before = performance.now();
      try {
        const reply = await socket.request(numbered(number));
        if (numbersOf(reply)?.[0] === number) count.answered++;
        else count.wrong++;
        count.slowest = Math.max(count.slowest, performance.now() - before);
      } catch (error) {
        count.failed++;
        count.failure = String(error);
      }
    }
  };
  const done = Promise.all(Array.from({ length: inFlight }, ask));
  const finish = async () => {
    goesOn = false;
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 15_000))]);
    const { drops } = socket.stats();
    await socket.close();
    return { ...count, drops };
  };
  return Promise.resolve({ finish });
}

/** Answers surveys with their number and its own. */
export async function respondent({ bind }: Part): Promise<Played> {
  const socket = new Respondent();
  const { address } = await socket.bind(bind);
  socket.serve((survey) => numbered(numbersOf(survey)?.[0] ?? 0, process.pid));
  return { address, finish: () => Promise.resolve({}), drain: () => socket.drain() };
}

/** Makes surveys, so many at once. */
export function surveyor({ connect, inFlight }: Part): Promise<Played> {
  const socket = new Surveyor(RECONNECT);
  connect.forEach((address) => socket.connect(address));
  const count = { surveys: 0, ended: 0, responses: 0, alien: 0, twice: 0, failed: 0, failure: "" };
  let latest = 0;
  let goesOn = true;
  const ask = async (): Promise<void> => {
    while (goesOn) {
      const number = ++count.surveys;
      const due = performance.now() + DEADLINE;
      const seen = new Set<number>();
      try {
        for await (const response of socket.survey(numbered(number), { deadline: DEADLINE })) {
          const [about, by] = numbersOf(response) ?? [];
          count.responses++;
          if (about !== number) count.alien++;
          else if (seen.has(by!)) count.twice++;
          seen.add(by!);
        }
        count.ended++;
      } catch (error) {
        count.failed++;
        count.failure = String(error);
      }
      latest = Math.max(latest, performance.now() - due);
    }
  };
  const done = Promise.all(Array.from({ length: inFlight }, ask));
  const finish = async () => {
    goesOn = false;
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 15_000))]);
    const { drops } = socket.stats();
    await socket.close();
    return { ...count, latest, drops };
  };
  return Promise.resolve({ finish });
}
