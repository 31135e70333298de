/**
 * The side that stays: a REP, a PULL, a PUB and a SURVEYOR, each bound over three transports.
 *
 * @module
 */
import { gauge } from "./gauge.ts";
import { Pub, Pull, Rep, type Socket, Surveyor } from "../../mod.ts";
import { serveQuestions } from "../lib/answers.ts";
import { numbered, numbersOf } from "../faults/record.ts";

/** Milliseconds between two messages of the PUB, and that a survey lasts. */
const PUBLISH = 5;
const DEADLINE = 100;

const rep = new Rep();
const pull = new Pull();
const pub = new Pub();
const surveyor = new Surveyor({ deadline: DEADLINE });
const sockets: Readonly<Record<string, Socket>> = { rep, pull, pub, surveyor };
const count = { replied: 0, pulled: 0, published: 0, surveys: 0, ended: 0, responses: 0, alien: 0 };
let goesOn = true;
let surveying: Promise<void>;

const sleep = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

async function take(): Promise<void> {
  try {
    for (;;) count.pulled += (await pull.receiveBatch()).length;
  } catch {
    // It is closed.
  }
}

async function publish(): Promise<void> {
  while (goesOn) {
    await pub.send(numbered(++count.published));
    await sleep(PUBLISH);
  }
}

async function ask(): Promise<void> {
  while (goesOn) {
    const number = ++count.surveys;
    for await (const response of surveyor.survey(numbered(number))) {
      count.responses++;
      if (numbersOf(response)?.[0] !== number) count.alien++;
    }
    count.ended++;
  }
}

serveQuestions({
  play: async ({ folder }) => {
    const addresses: Record<string, string[]> = {};
    for (const [name, socket] of Object.entries(sockets)) {
      addresses[name] = [];
      for (const to of ["tcp://127.0.0.1:0", `ipc://${folder}/${name}`, "ws://127.0.0.1:0"]) {
        addresses[name].push((await socket.bind(to)).address);
      }
    }
    rep.serve((question) => {
      count.replied++;
      return question;
    });
    take();
    publish();
    surveying = ask();
    return { addresses, sample: gauge() };
  },
  gauge: () => ({ sample: gauge() }),
  /** Once nobody is connected any more. */
  tell: () => ({ ...count, peers: Object.values(sockets).map((one) => one.stats().peers.length) }),
  finish: async () => {
    goesOn = false;
    await surveying;
    await Promise.all(Object.values(sockets).map((socket) => socket.close()));
    return { ...count };
  },
});
