import process from "node:process";

/** What the bench is at, on stderr: one line that changes, or a line a case if stderr is a file. */
export class Progress {
  readonly #total: number;
  readonly #started = performance.now();
  #before = 0;
  #inCase = 0;
  #caseTotal = 0;
  #title = "";

  /** @param total Runs that there will be, those of missing rows included. */
  constructor(total: number) {
    this.#total = total;
  }

  /** The next case begins, of so many runs. */
  enter(title: string, runs: number): void {
    this.#before += this.#caseTotal;
    this.#caseTotal = runs;
    this.#inCase = 0;
    this.#title = title;
    if (!process.stderr.isTTY) console.error(this.#line(title));
  }

  /** The next run begins. */
  step(what: string): void {
    this.#inCase++;
    if (!process.stderr.isTTY) return;
    const line = this.#line(`${this.#title}, ${what}`).slice(0, process.stderr.columns - 1);
    process.stderr.write(`\r\x1b[K${line}`);
  }

  /** All is done. */
  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }

  #line(text: string): string {
    const done = this.#before + this.#inCase;
    const seconds = (performance.now() - this.#started) / 1e3;
    const left = done > 10 ? `, ${clock(seconds / done * (this.#total - done))} left` : "";
    return `[${Math.round(done / this.#total * 100)} %${left}] ${text}`;
  }
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
