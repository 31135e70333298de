// What any machine can show: how busy it is, and how smoothly this process runs.
import { cpus, freemem, totalmem } from "node:os";
import process from "node:process";

const MIB = 1024 * 1024;

interface Ticks {
  readonly user: number;
  readonly system: number;
  readonly all: number;
}

function ticks(): Ticks {
  let [user, system, all] = [0, 0, 0];
  for (const { times } of cpus()) {
    user += times.user + times.nice;
    system += times.sys + times.irq;
    all += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { user, system, all };
}

/** Measures, from one call to the next. */
export class Machine {
  #before = ticks();
  #due = 0;

  /** Lines of `name value`, the value with its unit. */
  measure(interval: number): string[] {
    const now = ticks();
    const all = Math.max(now.all - this.#before.all, 1);
    const user = 100 * (now.user - this.#before.user) / all;
    const system = 100 * (now.system - this.#before.system) / all;
    this.#before = now;
    const time = performance.now();
    const late = this.#due === 0 ? 0 : Math.max(0, time - this.#due);
    this.#due = time + interval;
    return [
      `cpu.user ${user.toFixed(1)}%`,
      `cpu.system ${system.toFixed(1)}%`,
      `memory.machine ${((totalmem() - freemem()) / MIB).toFixed(0)}MiB`,
      `memory.publisher ${(process.memoryUsage().rss / MIB).toFixed(1)}MiB`,
      `timer.late ${late.toFixed(2)}ms`,
    ];
  }
}
