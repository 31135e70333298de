/* Runs a subcommand that is a socket: opens it, has it talk, closes it in order. */
import { EXIT, Failure } from "../ends.ts";
import type { Invocation } from "../invocation.ts";
import type { Printer } from "../messages.ts";
import { printerOf } from "../output/printer.ts";
import { openReport, type Report } from "../report/open.ts";
import { type AnySocket, type Conversation, makersOf } from "../sockets.ts";
import { codeOf, explained } from "./errors.ts";
import { onAbort } from "./receiving.ts";
import { tell } from "./sending.ts";

/** What a loop works with. */
export interface Talk {
  readonly invocation: Invocation;
  readonly conversation: Conversation;
  readonly printer: Printer;
  /** Told of each message that is done with. */
  readonly report: Report;
  /** Aborted when it is to end in order. */
  readonly stop: AbortSignal;
}

/** What is printed of a message, unless the flags say something else. */
const TEMPLATES: Readonly<Record<string, string>> = { surveyor: "{{time}} {{peer}} {{data}}" };

/** Runs a socket. */
export async function run(invocation: Invocation): Promise<number> {
  const { command, flags, wire, stop } = invocation;
  const make = (await makersOf(wire))[command];
  if (make === undefined) {
    throw new Failure(EXIT.usage, `--wire ${wire} has no socket ${command}`);
  }
  const printer = printerOf(invocation, TEMPLATES[command]);
  let socket: AnySocket | undefined;
  let report: Report | undefined;
  try {
    const conversation = make(flags);
    socket = conversation.socket;
    report = await openReport([socket], invocation);
    onAbort(stop, () => endAlone(conversation.socket));
    await attach(socket, invocation, report);
    const { talk } = await loopOf(conversation);
    const talking = talk({ invocation, conversation, printer, report, stop });
    const status = await orBroken(talking, printer);
    await printer.finish();
    printer.broken.throwIfAborted();
    await socket.close();
    return status;
  } catch (error) {
    await printer.finish();
    if (error instanceof Failure && error.status === EXIT.ok) return EXIT.ok;
    // It was let go because nobody is there.
    if (stop.aborted && codeOf(error) === "ECLOSED") return EXIT.ok;
    throw explained(error);
  } finally {
    await socket?.close({ linger: 0 });
    await report?.stop();
  }
}

/** How long a peer is waited for when it is told to end, in milliseconds. */
const ALONE = 5000;
/** How often that is looked at. */
const GLANCE = 250;

/** Lets a socket go that was told to end, and has had no peer for a while who would take what is left. */
function endAlone(socket: AnySocket): void {
  let alone = 0;
  const timer = setInterval(() => {
    alone = socket.stats().peers.length > 0 ? 0 : alone + GLANCE;
    if (alone < ALONE) return;
    clearInterval(timer);
    tell("what was read is not sent: there is no peer");
    socket.close({ linger: 0 });
  }, GLANCE);
  timer.unref();
}

/** Ends as well, badly, when nobody reads what is printed any more. */
function orBroken<T>(task: Promise<T>, { broken }: Printer): Promise<T> {
  return Promise.race([
    task,
    new Promise<T>((_, reject) => {
      broken.addEventListener("abort", () => reject(broken.reason));
    }),
  ]);
}

/** The loop of a kind of pattern. */
async function loopOf(
  conversation: Conversation,
): Promise<{ talk(talk: Talk): Promise<number> }> {
  if (conversation.request !== undefined) return await import("./ask.ts");
  if (conversation.survey !== undefined) return await import("./survey.ts");
  if (conversation.serve !== undefined) return await import("./answer.ts");
  if (conversation.send === undefined) return await import("./receive.ts");
  return conversation.receive === undefined
    ? await import("./send.ts")
    : await import("./converse.ts");
}

/** Binds first, then connects. */
async function attach(
  socket: AnySocket,
  { command, operands, flags, binds }: Invocation,
  report: Report,
): Promise<void> {
  const bind = [...flags.all("bind"), ...(binds ? operands : [])];
  const connect = [...flags.all("connect"), ...(binds ? [] : operands)];
  if (bind.length + connect.length === 0) {
    const what = `no address: nanostreams ${command} tcp://127.0.0.1:5555, say`;
    throw new Failure(EXIT.usage, what);
  }
  for (const address of bind) report.bound((await socket.bind(address)).address);
  const failFast = flags.has("fail-fast");
  for (const address of connect) {
    const { opened } = socket.connect(address, failFast ? { failFast } : {});
    if (failFast) await opened;
    else opened.catch(() => {});
  }
}
