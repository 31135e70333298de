import type { Dealer, Frames, FramesLike, Rep, Req, Router } from "../../../zmtp/mod.ts";
import { PATIENCE, TOGETHER, within } from "../exchanges.ts";
import type { Judge, Lane, LaneOptions } from "../judge.ts";
import { inFrames, outOfFrames } from "./frames.ts";

/** How long an answer is waited for that anybody may have been asked for, in milliseconds. */
const ONE_TRY = 250;

/** What sends. */
export interface Speaker {
  send(message: FramesLike, options: { timeout: number }): Promise<void>;
}

/** What receives, by one of its faces. */
export interface Listener extends AsyncIterable<Frames> {
  readonly readable: ReadableStream<Frames>;
  receiveBatch(): Promise<Frames[]>;
}

/** What has one exchange with a good peer. */
export type Round = () => Promise<void>;

/** What good peers say to each other, or to a socket that is attacked. */
export class ZmtpExchanges {
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

  /** One way. */
  flow(name: string, from: Speaker, to: Listener, options: LaneOptions): Round {
    const lane = this.#judge.lane(name, options);
    this.listen(to, (frames) => hear(lane, frames));
    return () => say(from, lane, options.isShared);
  }

  /** One asks, the other answers. */
  questions(name: string, req: Req, rep: Rep, options: LaneOptions): Round {
    const lane = this.#judge.lane(name, options);
    this.run(name, rep.serve((question) => answer(lane, question)));
    if (options.isAnsweredByAll) return () => insist(lane, req);
    return async () => {
      for (let i = 0; i < TOGETHER; i++) {
        const question = lane.say();
        const reply = await req.request(inFrames(question), { timeout: PATIENCE });
        isAnswer(lane, reply, question);
      }
    };
  }

  /** A ROUTER sends back what a DEALER says. */
  echo(name: string, dealer: Dealer, router: Router, options: LaneOptions): Round {
    const lane = this.#judge.lane(name, options);
    this.listen(router, async ([id, ...frames]) => {
      const back = answer(lane, frames);
      await router.send([id!, ...back], { timeout: PATIENCE }).catch(() => {}); // its peer may have gone
    });
    return async () => {
      const questions = Array.from({ length: TOGETHER }, () => lane.say());
      for (const question of questions) {
        await dealer.send(inFrames(question), { timeout: PATIENCE });
      }
      for (const question of questions) {
        while (!isAnswer(lane, await dealer.receive({ timeout: PATIENCE }), question));
      }
    };
  }

  /** Takes all that comes, by one of the faces that a socket has. */
  async listen(socket: Listener, take: (frames: Frames) => unknown): Promise<void> {
    const face = this.#faces++ % 3;
    try {
      if (face === 0) { for await (const frames of socket) await take(frames); }
      else if (face === 1) { for await (const frames of socket.readable) await take(frames); }
      else for (;;) for (const frames of await socket.receiveBatch()) await take(frames);
    } catch {
      // Closed.
    }
  }
}

function hear(lane: Lane, frames: Frames): void {
  lane.hear(outOfFrames(frames), () => outOfFrames(frames));
}

function isAnswer(lane: Lane, frames: Frames, question: Uint8Array): boolean {
  return lane.isAnswer(outOfFrames(frames), question, () => outOfFrames(frames));
}

/** Answers a good peer's question in as many frames as it came in, and the mutator's in one. */
function answer(lane: Lane, question: Frames): Uint8Array[] {
  const whole = outOfFrames(question);
  return inFrames(lane.answer(whole));
}

/** Asks until somebody answers: one who was asked may leave, or never say a word. */
async function insist(lane: Lane, req: Req): Promise<void> {
  const question = lane.say();
  const end = performance.now() + PATIENCE;
  for (;;) {
    try {
      isAnswer(lane, await req.request(inFrames(question), { timeout: ONE_TRY }), question);
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}

async function say(from: Speaker, lane: Lane, isShared = false): Promise<void> {
  for (let i = 0; i < TOGETHER; i++) await from.send(inFrames(lane.say()), { timeout: PATIENCE });
  if (!isShared) await within(lane);
}
