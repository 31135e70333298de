/* `bench`: one end serves, the other measures. */
import { EXIT, Failure } from "../ends.ts";
import type { Flags, Invocation } from "../invocation.ts";
import { painter } from "../report/colours.ts";
import { openReport } from "../report/open.ts";
import { screenOf } from "../report/screen.ts";
import { explained } from "../run/errors.ts";
import { type Conversation, makersOf } from "../sockets.ts";
import { measureAsking, measureReceiving } from "./measure.ts";
import { OwnEnd, type Serving } from "./own_end.ts";
import { resultOf, shown } from "./result.ts";
import { serveBench } from "./serve.ts";

/** The sockets of a pattern. */
const SIDES = {
  pushpull: { server: "push", client: "pull" },
  pubsub: { server: "pub", client: "sub" },
  reqrep: { server: "rep", client: "req" },
} as const;

const ANY_PORT = "tcp://127.0.0.1:0";
const SIZE = 128;
const TIME = 3000;
const TIMEOUT = 10_000;

/** What the library takes without being asked, in bytes. */
const USUAL_SIZE = 2 ** 20;
/** More than the header of a request that has passed through all the devices that it may, in bytes. */
const HEADER = 2 ** 10;

/** Measures, or serves. Returns the exit status. */
export async function run(invocation: Invocation): Promise<number> {
  const { flags, operands } = invocation;
  if (operands.length > 1) {
    throw new Failure(EXIT.usage, `bench takes one address, and not ${operands.length}`);
  }
  const [url = ANY_PORT] = operands;
  if (url.startsWith("inproc:")) {
    throw new Failure(EXIT.usage, "inproc:// does not reach another process: ipc:// comes near it");
  }
  try {
    if (flags.has("serve")) await serve(url, invocation);
    else await measure(invocation);
    return EXIT.ok;
  } catch (error) {
    throw explained(error);
  }
}

function patternOf(flags: Flags): keyof typeof SIDES {
  return (flags.text("pattern") ?? "pushpull") as keyof typeof SIDES;
}

async function open(role: "server" | "client", invocation: Invocation): Promise<Conversation> {
  const { flags, wire } = invocation;
  const name = SIDES[patternOf(flags)][role];
  const size = flags.number("size") ?? SIZE;
  const make = (await makersOf(wire))[name]!;
  return make(flags.otherwise({
    overflow: "block",
    linger: 0,
    ...(size + HEADER > USUAL_SIZE && { "max-size": size + HEADER }),
  }));
}

async function serve(url: string, invocation: Invocation): Promise<void> {
  const { flags, wire, stdin, stdout, stderr } = invocation;
  const isOwn = flags.has("until-eof");
  const stray = ["connect", "count", "time", "concurrency"].find((name) => flags.has(name));
  if (stray !== undefined && !isOwn) {
    throw new Failure(EXIT.usage, `--${stray} is for the end that measures, and not for --serve`);
  }
  const conversation = await open("server", invocation);
  const { socket } = conversation;
  const report = await openReport([socket], invocation);
  try {
    const { address } = await socket.bind(url);
    const said: Serving = { serving: address };
    if (flags.has("json")) stdout.write(`${JSON.stringify(said)}\n`);
    else screenOf(stderr).line(`serving ${patternOf(flags)}, ${wire}, at ${address}`);
    const stop = isOwn ? AbortSignal.any([invocation.stop, endOf(stdin)]) : invocation.stop;
    await serveBench(conversation, flags.number("size") ?? SIZE, stop);
  } finally {
    await socket.close({ linger: 0 });
    await report.stop();
  }
}

/** Aborted when there is no more to be read. */
function endOf(stdin: Invocation["stdin"]): AbortSignal {
  const end = new AbortController();
  stdin.once("end", () => end.abort()).once("error", () => end.abort()).resume();
  return end.signal;
}

async function measure(invocation: Invocation): Promise<void> {
  const { flags, operands, wire, stdout } = invocation;
  const there = flags.text("connect");
  if (there !== undefined && operands.length > 0) {
    const what = `${operands[0]} or --connect ${there}: the other end is started, or it is there`;
    throw new Failure(EXIT.usage, what);
  }
  await using own = there === undefined ? await OwnEnd.start() : undefined;
  const url = own?.address ?? there!;
  const conversation = await open("client", invocation);
  const report = await openReport([conversation.socket], invocation);
  try {
    const { opened } = conversation.socket.connect(url, { failFast: flags.has("fail-fast") });
    if (flags.has("fail-fast")) await opened;
    else opened.catch(() => {});
    const count = flags.number("count");
    const amount = {
      count: count ?? Infinity,
      time: count === undefined ? flags.number("time") ?? TIME : Infinity,
      timeout: flags.number("timeout") ?? TIMEOUT,
      stop: invocation.stop,
      report,
    };
    const pattern = patternOf(flags);
    const counted = pattern === "reqrep"
      ? await measureAsking(
        conversation,
        amount,
        flags.number("size") ?? SIZE,
        flags.number("concurrency") ?? 1,
      )
      : await measureReceiving(conversation, amount, own !== undefined);
    const { lost, latency, ...figures } = counted;
    const result = resultOf({ url, wire, pattern, ...figures }, {
      // Several pullers share what is pushed: what one of them has not, another may have.
      lost: pattern === "pubsub" ? lost : undefined,
      latency,
    });
    const text = flags.has("json") ? `${JSON.stringify(result)}\n` : shown(result, painter(stdout));
    await new Promise((resolve) => stdout.write(text, resolve));
  } finally {
    await conversation.socket.close({ linger: 0 });
    await report.stop();
  }
}
