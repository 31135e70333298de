/** One run of nanocat or nngcat on one socket, from open to close. */

import { setTimeout as sleep } from "node:timers/promises";
import { SPError } from "../../mod.ts";
import { follow } from "./describe.ts";
import type { Pace, Session } from "./loops.ts";
import type { AnySocket, Conversation } from "../nanocat/protocols.ts";

/** How long a run that has failed, or was told to stop, goes on sending; in milliseconds. */
const LAST_WORDS = 1000;

/** What a run is told. Times are in milliseconds, `Infinity` is no limit. */
export interface RunSettings extends Pace {
  readonly sendTimeout: number;
  /** Wait after bind and connect, before anything else. */
  readonly delay: number;
  /** What the socket is called in reports; `0`, if left out. */
  readonly socketName?: string | undefined;
}

/** A run: what to do, and how to begin. */
export interface Run extends Session {
  readonly settings: RunSettings;
  /** Binds and connects the socket; tells of each address that it bound. */
  readonly attach: (socket: AnySocket, bound: (address: string) => void) => Promise<void>;
}

/**
 * Attaches a socket, has it talk, and closes it.
 *
 * @param run What to do, and where to print messages.
 * @param conversation The socket, and its loop.
 * @param log Takes lines about what happens, if they are wanted.
 * @throws {Failure} when the socket does not do what it should.
 */
export async function run(
  run: Run,
  { socket, talk }: Conversation,
  log?: (line: string) => void,
): Promise<void> {
  const { settings, stop, attach } = run;
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
    await attach(socket, (address) => log?.(`socket.${name}: bound to ${address}`));
    if (settings.delay > 0) await sleep(settings.delay, undefined, { signal: over.signal });
    await talk({ ...run, stop: over.signal });
    await socket.close();
    checkSent(socket, run);
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
function checkSent(socket: AnySocket, { settings: { sendTimeout }, data, cannot }: Run): void {
  if (data === undefined || sendTimeout === Infinity) return;
  const { closed = 0 } = socket.stats().drops;
  if (closed === 0) return;
  throw cannot("send", new SPError("ETIMEDOUT", `No peer took what was sent (${closed} lost)`));
}
