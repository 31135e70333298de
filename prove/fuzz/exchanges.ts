import type { DuplexSocket, Receiver, Rep, Req, Respondent, Sender, Surveyor } from "../../mod.ts";
import type { Judge, Lane, LaneOptions } from "./judge.ts";

/** How long an exchange may take, in milliseconds, before what is missing counts as lost. */
export const PATIENCE: number = 20_000;
/** Messages that are sent one behind the other in each exchange. */
export const TOGETHER: number = 3;

const patience = (): { timeout: number } => ({ timeout: PATIENCE });

/** What good peers say to each other, or to a socket that is attacked: each returns what has one exchange. */
export class Exchanges {
  readonly #judge: Judge;
  /** The faces of sockets are used in turn. */
  #faces = 0;

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** What goes on in the background, and is not to fail. */
  run(name: string, work: Promise<unknown>): void {
    work.catch((error) => this.#judge.fault("uncaught", String(error?.stack ?? error), name));
  }

  /** Both speak, and hear each other. */
  exchange(
    name: string,
    one: DuplexSocket,
    other: DuplexSocket,
    isOpen: boolean,
  ): () => Promise<void> {
    const [there, back] = [this.#judge.lane(name, { isOpen }), this.#judge.lane(name, { isOpen })];
    listen(other, there, this.#faces++);
    listen(one, back, this.#faces++);
    return async () => void await Promise.all([say(one, there), say(other, back)]);
  }

  /** One asks, the other answers. */
  questions(name: string, req: Req, rep: Rep, options: LaneOptions): () => Promise<void> {
    const lane = this.#judge.lane(name, options);
    this.run(name, rep.serve((question) => lane.answer(question)));
    return async () => {
      await Promise.all(Array.from({ length: TOGETHER }, async () => {
        const question = lane.say();
        lane.isAnswer(await req.request(question, patience()), question);
      }));
    };
  }

  /** One asks all who are there, the other answers. */
  surveys(
    name: string,
    surveyor: Surveyor,
    respondent: Respondent,
    options: LaneOptions,
  ): () => Promise<void> {
    const lane = this.#judge.lane(name, options);
    this.run(name, respondent.serve((survey) => lane.answer(survey)));
    return async () => {
      const survey = lane.say();
      for await (const response of surveyor.survey(survey, patience())) {
        if (lane.isAnswer(response, survey)) return;
      }
      throw new Error("the good peer's response did not come");
    };
  }
}

/** Sends some messages, and waits until they have been heard. */
export async function say(from: Sender, lane: Lane, isShared = false): Promise<void> {
  for (let i = 0; i < TOGETHER; i++) await from.send(lane.say(), patience());
  if (!isShared) await within(lane);
}

/** Waits until all that was said has been heard. */
export function within(lane: Lane): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      lane.skip();
      reject(new Error("the good peer's messages did not come"));
    }, PATIENCE);
  });
  return Promise.race([lane.caughtUp(), late]).finally(() => clearTimeout(timer));
}

/** Hears all that comes, by one of the faces that a socket has. */
export async function listen(
  socket: Receiver,
  lane: Lane,
  face: number,
  then: (message: Uint8Array<ArrayBuffer>) => Promise<unknown> | undefined = () => undefined,
): Promise<void> {
  const take = async (message: Uint8Array<ArrayBuffer>): Promise<void> => {
    lane.hear(message);
    await then(message)?.catch(() => {}); // its peer may have gone
  };
  try {
    if (face % 3 === 0) { for await (const message of socket) await take(message); }
    else if (face % 3 === 1) { for await (const message of socket.readable) await take(message); }
    else for (;;) for (const message of await socket.receiveBatch()) await take(message);
  } catch {
    // Closed.
  }
}
