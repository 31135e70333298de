/* Runs `nanostreams probe`. */
import { type SocketOptions, SPError } from "../../../mod.ts";
import { EXIT, Failure } from "../ends.ts";
import type { Invocation } from "../invocation.ts";
import { writeLines } from "../lines.ts";
import { socketOptions } from "../options.ts";
import { Call, checkAddress, Deadline } from "./call.ts";
import { describeFinding, type Finding, findingJson } from "./finding.ts";
import { probeStream, reasonOf } from "./stream.ts";
import { belowWebSocket, probeWebSocket } from "./web_socket.ts";

/** In milliseconds. */
const DEFAULT_TIMEOUT = 2000;
/** The least time for the last connection, in milliseconds. */
const LEAST = 100;

export async function run({ operands, flags, stdout, stop }: Invocation): Promise<number> {
  if (operands.length === 0) {
    throw new Failure(EXIT.usage, "no address: nanostreams probe tcp://127.0.0.1:5555, say");
  }
  for (const url of operands) check(url);
  const stopped = aborted(stop);
  const timeout = flags.number("timeout") ?? DEFAULT_TIMEOUT;
  const options = socketOptions(flags);
  let status: number = EXIT.ok;
  const lines = async function* (): AsyncGenerator<string> {
    for (const url of operands) {
      const finding = await Promise.race([
        probe(url, options, new Deadline(timeout)),
        stopped,
      ]);
      if (finding === undefined) return;
      if (finding.found === "nothing") status = EXIT.failed;
      yield flags.has("json") ? findingJson(url, finding) : describeFinding(url, finding);
    }
  };
  await writeLines(stdout, lines());
  return status;
}

/** Addresses are checked before the first is probed. */
function check(url: string): void {
  if (/^inproc:/i.test(url)) {
    const what = `cannot probe ${JSON.stringify(url)}`;
    throw new Failure(
      EXIT.usage,
      `${what}: an inproc address is known within its own program only`,
    );
  }
  try {
    checkAddress(url);
  } catch (cause) {
    if (!(cause instanceof SPError)) throw cause;
    const message = cause.message.replace(/^Cannot connect to/, "cannot probe");
    throw new Failure(EXIT.usage, message, { cause });
  }
}

async function probe(url: string, options: SocketOptions, deadline: Deadline): Promise<Finding> {
  const isWebSocket = /^wss?[46]?:/i.test(url);
  try {
    const finding = await (isWebSocket ? probeWebSocket : probeStream)(url, options, deadline);
    const below = (isWebSocket ? belowWebSocket(url) : url).replace(/^tls\+/i, "");
    return { ...finding, roundTrip: await roundTrip(below, deadline) ?? finding.roundTrip };
  } catch (error) {
    if (!(error instanceof SPError)) throw error;
    return { found: "nothing", note: reasonOf(error) };
  }
}

/** How long it takes to connect. The first connection tells less: it also waits until this program has loaded what connects. */
async function roundTrip(url: string, deadline: Deadline): Promise<number | undefined> {
  try {
    using call = await Call.dial(url, {}, new Deadline(Math.max(LEAST, deadline.left)));
    return call.roundTrip;
  } catch {
    return undefined;
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
