/* Statistics: a line a second, and a table at the end. */
import type { DropReason, SocketStats } from "../../../mod.ts";
import type { Paint } from "./colours.ts";
import { bytes, count, counted, time } from "./figures.ts";

/** What sockets have done, all together. */
export interface Sum {
  readonly sent: Traffic;
  readonly received: Traffic;
  readonly filtered: number;
  readonly drops: Readonly<Partial<Record<DropReason, number>>>;
  readonly peers: number;
}

interface Traffic {
  readonly messages: number;
  readonly bytes: number;
}

const NOTHING: Traffic = { messages: 0, bytes: 0 };
const WIDTHS = [12, 14, 11, 13, 13] as const;

/** Adds statistics up. */
export function sumOf(all: readonly SocketStats[]): Sum {
  const drops: Partial<Record<DropReason, number>> = {};
  for (const stats of all) {
    for (const [reason, number] of Object.entries(stats.drops) as [DropReason, number][]) {
      drops[reason] = (drops[reason] ?? 0) + number;
    }
  }
  const total = (figure: (stats: SocketStats) => number): number =>
    all.reduce((sum, stats) => sum + figure(stats), 0);
  return {
    sent: { messages: total((one) => one.messagesSent), bytes: total((one) => one.bytesSent) },
    received: {
      messages: total((one) => one.messagesReceived),
      bytes: total((one) => one.bytesReceived),
    },
    filtered: total((one) => one.messagesFiltered),
    drops,
    peers: total((one) => one.peers.length),
  };
}

/** Looks at the sums now and then. Times are milliseconds of one clock. */
export class Tally {
  readonly #start: number;
  #last: Sum = { sent: NOTHING, received: NOTHING, filtered: 0, drops: {}, peers: 0 };
  #lastTime: number;

  constructor(now: number) {
    this.#start = this.#lastTime = now;
  }

  /** A line on what has happened since the last look. */
  look(sum: Sum, now: number): string {
    const seconds = Math.max(now - this.#lastTime, 1) / 1000;
    const traffic = (["sent", "received"] as const).filter((way) => sum[way].messages > 0).map(
      (way) => {
        const messages = sum[way].messages - this.#last[way].messages;
        const size = sum[way].bytes - this.#last[way].bytes;
        const rates = `${count(messages / seconds)}/s, ${bytes(size / seconds)}/s`;
        return `${way} ${count(sum[way].messages)} (${rates})`;
      },
    );
    const parts = [
      `${Math.round((now - this.#start) / 1000)} s`,
      ...traffic.length === 0 ? ["no messages"] : traffic,
      ...sum.filtered > 0 ? [`filtered ${count(sum.filtered)}`] : [],
      ...dropped(sum),
      counted(sum.peers, "peer"),
    ];
    this.#last = sum;
    this.#lastTime = now;
    return parts.join("  ");
  }

  /** The table of all, as of the last look. */
  table(paint: Paint): string[] {
    const { sent, received, filtered, drops } = this.#last;
    const elapsed = this.#lastTime - this.#start;
    const seconds = Math.max(elapsed, 1) / 1000;
    const ways = [["sent", sent], ["received", received]] as const;
    return [
      paint("bold", row(`in ${time(elapsed)}`, "messages", "bytes", "messages/s", "bytes/s")),
      ...ways.filter(([name, { messages }]) =>
        messages > 0 || name === "sent" && isSilent(this.#last)
      )
        .map(([name, traffic]) => {
          const { messages, bytes: size } = traffic;
          const rates = [count(messages / seconds), bytes(size / seconds)];
          return row(name, count(messages), bytes(size), ...rates);
        }),
      ...filtered > 0 ? [row("filtered", count(filtered))] : [],
      ...Object.entries(drops).map(([reason, number]) =>
        `${paint("red", row("dropped", count(number)))}  ${reason}`
      ),
    ];
  }
}

/** Whether there was nothing at all. */
function isSilent({ sent, received }: Sum): boolean {
  return sent.messages + received.messages === 0;
}

function dropped({ drops }: Sum): string[] {
  const all = Object.entries(drops);
  if (all.length === 0) return [];
  const total = all.reduce((sum, [, number]) => sum + number, 0);
  const reasons = all.map(([reason, number]) => `${reason} ${count(number)}`).join(", ");
  return [`dropped ${count(total)} (${reasons})`];
}

function row(name: string, ...figures: string[]): string {
  const cells = figures.map((figure, at) => figure.padStart(WIDTHS[at + 1]!));
  return name.padEnd(WIDTHS[0]) + cells.join("");
}
