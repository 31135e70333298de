/**
 * The bare socket of the runtime that runs it, under the same crowd: what the runtime does alone. It takes every message as it
 * comes, so nothing waits, and nothing is shared out.
 *
 * @module
 */
import { FrameParser } from "../../bench/peers/bare_frames.ts";
import type { BareConnection, BareRuntime } from "../../bench/peers/bare_roles.ts";
import { serveQuestions } from "../lib/answers.ts";
import { Watch, type WindowOptions } from "./watch.ts";

/** The greeting of a PULL, which says enough for raw peers. */
const GREETING = Uint8Array.of(0, 0x53, 0x50, 0, 0, 0x51, 0, 0);

const watch = new Watch();

async function thisRuntime(): Promise<BareRuntime> {
  const name = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
  return (await import(`../../bench/peers/bare_${name}.ts`)).bareRuntime;
}

function take(connection: BareConnection): void {
  const parser = new FrameParser((message) => watch.add(message));
  // Raw peers wait for the answer to their greeting, which comes alone.
  connection.onData = () => {
    connection.onData = (chunk) => parser.push(chunk);
    connection.write(GREETING)?.catch(() => {}); // It has gone.
  };
}

serveQuestions({
  /** Listens. */
  async open({ port }: { port: number }) {
    await (await thisRuntime()).listen({ hostname: "127.0.0.1", port }, take);
  },
  /** Tells what so many milliseconds saw. */
  window: (options: WindowOptions) => watch.window(options, () => {}),
});
