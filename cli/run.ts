/** One run of nanocat on one socket, from open to close. */

import { setTimeout as sleep } from "node:timers/promises";
import { SPError } from "../mod.ts";
import { follow } from "./describe.ts";
import { cannot } from "./failure.ts";
import type { Session } from "./loops.ts";
import { type AnySocket, PROTOCOLS } from "./protocols.ts";

/** How long a run that has failed, or was told to stop, goes on sending; in milliseconds. */
const LAST_WORDS = 1000;

/** Binds and connects to all addresses: first, as nanocat does, all that are to be bound. */
async function attach(socket: AnySocket, { settings }: Session): Promise<string[]> {
  const bound: string[] = [];
  for (const address of settings.bind) {
    const listener = await socket.bind(address).catch((error) => {
      throw cannot("bind", error);
    });
    bound.push(listener.address);
  }
  for (const address of settings.connect) {
    try {
      socket.connect(address);
    } catch (error) {
      throw cannot("connect", error);
    }
  }
  return bound;
}

/**
 * Opens the socket that the settings ask for, has it talk, and closes it.
 *
 * @param session What to do, and where to print messages.
 * @param log Takes lines about what happens, if they are wanted.
 * @throws {Failure} when the socket does not do what it should.
 */
export async function run(session: Session, log?: (line: string) => void): Promise<void> {
  const { settings, stop } = session;
  const { socket, talk } = PROTOCOLS[settings.protocol!](settings);
  const name = settings.socketName ?? "0";
  const following = log && follow(socket, name, log);
  /** Ends every pause of the loops. */
  const over = new AbortController();
  const end = (): void => {
    over.abort();
    socket.close({ linger: LAST_WORDS });
  };
  stop.addEventListener("abort", end);
  try {
    for (const address of await attach(socket, session)) {
      log?.(`socket.${name}: bound to ${address}`);
    }
    if (settings.delay > 0) await sleep(settings.delay, undefined, { signal: over.signal });
    await talk({ ...session, stop: over.signal });
    await socket.close();
    checkSent(socket, session);
  } catch (error) {
    // Whatever was going on when it was told to stop ends with an error that is none.
    if (!stop.aborted) throw error;
  } finally {
    end();
    await socket.close();
    await following;
    stop.removeEventListener("abort", end);
  }
}

/** Complains about what was accepted and then, in the time that the user gave, not taken by a peer. */
function checkSent(socket: AnySocket, { settings: { sendTimeout }, data }: Session): void {
  if (data === undefined || sendTimeout === Infinity) return;
  const { closed = 0 } = socket.stats().drops;
  if (closed === 0) return;
  throw cannot("send", new SPError("ETIMEDOUT", `No peer took what was sent (${closed} lost)`));
}
