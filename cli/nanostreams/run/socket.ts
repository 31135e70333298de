/* Runs a subcommand that is a socket: opens it, has it talk, closes it in order. */
import { SPError } from "../../../mod.ts";
import { EXIT, Failure } from "../ends.ts";
import type { Invocation } from "../invocation.ts";
import type { Printer } from "../messages.ts";
import { type AnySocket, type Conversation, makersOf } from "../sockets.ts";

/** What a loop works with. */
export interface Talk {
  readonly invocation: Invocation;
  readonly conversation: Conversation;
  readonly printer: Printer;
  /** Aborted when it is to end: by a signal, or since nobody reads what is printed. */
  readonly stop: AbortSignal;
}

/** Which side an address is on that has no flag, by subcommand. */
const BINDS: ReadonlySet<string> = new Set(["pull", "pub", "rep", "surveyor", "router", "xpub"]);

export async function run(invocation: Invocation): Promise<number> {
  const { command, flags } = invocation;
  const wire = flags.text("wire") ?? "sp";
  const make = (await makersOf(wire))[command];
  if (make === undefined) {
    throw new Failure(EXIT.usage, `${command} is no socket of the wire "${wire}"`);
  }
  const conversation = make(flags);
  const { socket } = conversation;
  const { printerOf } = await import("../output/printer.ts");
  const printer = printerOf(invocation);
  const stop = AbortSignal.any([invocation.stop, printer.broken]);
  try {
    await attach(socket, invocation);
    const { talk } = await loopOf(conversation, invocation);
    const status = await talk({ invocation, conversation, printer, stop });
    await printer.finish();
    await socket.close();
    return status;
  } catch (error) {
    if (stop.aborted) return EXIT.ok;
    throw explained(error);
  } finally {
    await socket.close({ linger: 0 });
  }
}

/** The loop of a kind of pattern. */
async function loopOf(
  conversation: Conversation,
  _invocation: Invocation,
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
async function attach(socket: AnySocket, { command, operands, flags }: Invocation): Promise<void> {
  const binds = BINDS.has(command);
  const bind = [...flags.all("bind"), ...(binds ? operands : [])];
  const connect = [...flags.all("connect"), ...(binds ? [] : operands)];
  if (bind.length + connect.length === 0) {
    const what = `no address: nanostreams ${command} tcp://127.0.0.1:5555, say`;
    throw new Failure(EXIT.usage, what);
  }
  for (const address of bind) await socket.bind(address);
  const failFast = flags.has("fail-fast");
  for (const address of connect) {
    const { opened } = socket.connect(address, failFast ? { failFast } : {});
    if (failFast) await opened;
    else opened.catch(() => {});
  }
}

/** What a person is told of an error of the library's. */
function explained(error: unknown): unknown {
  if (!(error instanceof SPError)) return error;
  const status = error.code === "EINVAL" ? EXIT.usage : EXIT.failed;
  const message = error.message[0]!.toLowerCase() + error.message.slice(1);
  return new Failure(status, message, { cause: error });
}
