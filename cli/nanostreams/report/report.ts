/* The reports of one run: events as they happen, statistics and the progress bar by the clock. */
import { clearInterval, setInterval } from "node:timers";
import type { Invocation } from "../invocation.ts";
import { type Paint, painter } from "./colours.ts";
import { tell, tellBound, tellJson } from "./events.ts";
import type { Report, Reported } from "./open.ts";
import { Bar, hasBar, totalOf } from "./progress.ts";
import { type Screen, screenOf } from "./screen.ts";
import { sumOf, Tally } from "./stats.ts";

/** Milliseconds between two lines of statistics. */
const SECOND = 1000;
/** Milliseconds between two pictures of the bar. */
const FRAME = 100;

/** Whether events are told, and how. */
type Format = "text" | "json" | undefined;

/** All that flags ask for. */
export class LiveReport implements Report {
  done = 0;
  readonly #screen: Screen;
  readonly #paint: Paint;
  readonly #format: Format;
  readonly #isVerbose: boolean;
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #told: Promise<void>[] = [];
  readonly #finish: (() => void)[] = [];

  constructor(sockets: readonly Reported[], invocation: Invocation) {
    const { flags, stderr } = invocation;
    this.#screen = screenOf(stderr);
    this.#paint = painter(stderr);
    this.#isVerbose = flags.has("verbose");
    this.#format = formatOf(invocation);
    if (this.#format !== undefined) {
      for (const socket of sockets) this.#told.push(this.#tellAll(socket));
    }
    if (flags.has("stats")) this.#count(sockets);
    if (hasBar(invocation)) this.#draw(invocation);
  }

  bound(address: string, what?: string): void {
    if (!this.#isVerbose) return;
    this.#screen.line(
      this.#format === "json"
        ? tellBound(address, new Date())
        : `${what ? `${what} ` : ""}bound to ${address}`,
    );
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#told);
    for (const finish of this.#finish) finish();
  }

  async #tellAll(socket: Reported): Promise<void> {
    const reader = socket.events().getReader();
    for (;;) {
      const { value: event, done } = await reader.read();
      if (done) return;
      const now = new Date();
      if (this.#format === "json") {
        this.#screen.line(tellJson(event, now));
        continue;
      }
      const { style, text } = tell(event);
      const time = this.#paint("dim", now.toISOString().slice(11, 23));
      this.#screen.line(`${time} ${this.#paint(style, text)}`);
    }
  }

  #count(sockets: readonly Reported[]): void {
    const tally = new Tally(performance.now());
    const look = (): string =>
      tally.look(sumOf(sockets.map((one) => one.stats())), performance.now());
    this.#timers.push(setInterval(() => this.#screen.line(look()), SECOND));
    this.#finish.push(() => {
      look();
      this.#screen.leave();
      for (const line of tally.table(this.#paint)) this.#screen.line(line);
    });
  }

  #draw(invocation: Invocation): void {
    const { stderr } = invocation;
    const bar = new Bar(totalOf(invocation), performance.now());
    // Some terminals do not know their size, and say that it is 0.
    const draw = (): void =>
      this.#screen.draw(bar.text(this.done, performance.now(), stderr.columns || 80));
    this.#timers.push(setInterval(draw, FRAME));
    // The bar's last picture is left before a table begins.
    this.#finish.unshift(() => {
      draw();
      this.#screen.leave();
    });
  }
}

function formatOf({ flags }: Invocation): Format {
  if (flags.has("events")) return flags.text("events") === "json" ? "json" : "text";
  return flags.has("verbose") ? "text" : undefined;
}
