/*
 * What a listener does when its process may open no more files. Then no runtime's accept does well (seen with the versions in
 * package.json): Bun tries again without a pause, on a whole core. Node accepts and closes; Deno's node:net never accepts
 * again; neither tells. Deno itself panics if it needs a file of its own. So whether there are files left is looked at after
 * each connection, and now and then; if not, the listener is closed, and opened again when there are.
 */
import { quiet } from "../../../src/base/wait.ts";
import { systemError } from "../../system_errors.ts";
import type { StreamListener, StreamListenerSink, StreamTarget } from "../../runtime.ts";
import { lackOfFiles } from "./files.ts";
import { platform } from "./platform.ts";

/** How often it is looked at, in milliseconds: files are also used up by others. */
const LOOK = 1000;
/** The first pause before it listens again, in milliseconds; it doubles, up to the last. */
const [FIRST_PAUSE, LAST_PAUSE] = [100, 2000];
/** How many files are left to the rest of the process. */
const SPARE = 4;
/** How many have to be free to listen again: also the listener's own, and one of a peer. */
const NEEDED = SPARE + 2;

/** Binds a target; `accepted` is to be called for each connection, before or after it is handed over. */
type Listen<Target> = (target: Target, accepted: () => void) => Promise<StreamListener>;

/**
 * Listens, and rests while there is no file for another connection, which is told. Whoever connects meanwhile is refused by the
 * operating system.
 *
 * @param listen Binds: once, and again after each rest, then with the port that was bound first.
 */
export async function listenAndRest<Target extends StreamTarget>(
  target: Target,
  sink: Pick<StreamListenerSink, "failed">,
  listen: Listen<Target>,
): Promise<StreamListener> {
  if (platform() === "win32") return await listen(target, () => {});
  const resting = new RestingListener(target, sink, listen);
  return await resting.open();
}

/** The same, for a listener that hands over connections. */
export function listenForConnections<Target extends StreamTarget>(
  target: Target,
  sink: StreamListenerSink,
  listen: (target: Target, sink: StreamListenerSink) => Promise<StreamListener>,
): Promise<StreamListener> {
  return listenAndRest(target, sink, (target, accepted) =>
    listen(target, {
      connection: (connection) => {
        sink.connection(connection);
        accepted();
      },
      failed: (reason) => sink.failed(reason),
    }));
}

class RestingListener<Target extends StreamTarget> {
  readonly #target: Target;
  readonly #sink: Pick<StreamListenerSink, "failed">;
  readonly #listen: Listen<Target>;
  /** Undefined while it rests. */
  #listener: StreamListener | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = FIRST_PAUSE;
  #isClosed = false;
  #waking: Promise<void> | undefined;

  constructor(
    target: Target,
    sink: Pick<StreamListenerSink, "failed">,
    listen: Listen<Target>,
  ) {
    this.#target = target;
    this.#sink = sink;
    this.#listen = listen;
  }

  async open(): Promise<StreamListener> {
    const { host, port } = await this.#bind(this.#target);
    return { host, port, close: () => this.#close() };
  }

  async #bind(target: Target): Promise<StreamListener> {
    const listener = await this.#listen(target, () => this.#look());
    this.#listener = listener;
    this.#timer = setTimeout(() => this.#lookLater(), LOOK);
    return listener;
  }

  #lookLater(): void {
    if (this.#look()) return;
    this.#pause = FIRST_PAUSE;
    this.#timer = setTimeout(() => this.#lookLater(), LOOK);
  }

  /** Whether it rests from now on. */
  #look(): boolean {
    const listener = this.#listener;
    const lack = listener === undefined || this.#isClosed ? undefined : lackOfFiles(SPARE);
    if (listener === undefined || lack === undefined) return false;
    this.#listener = undefined;
    this.#sink.failed(systemError("Cannot accept connections for now", lack));
    const { port } = listener;
    const target = this.#target.kind === "tcp" ? { ...this.#target, port } : this.#target;
    quiet(listener.close());
    this.#rest(target);
    return true;
  }

  #rest(target: Target): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#waking = this.#wake(target), this.#pause);
    this.#pause = Math.min(LAST_PAUSE, this.#pause * 2);
  }

  async #wake(target: Target): Promise<void> {
    if (lackOfFiles(NEEDED) !== undefined) return this.#rest(target);
    try {
      await this.#bind(target);
    } catch (error) {
      if (this.#isClosed) return;
      this.#sink.failed(systemError("Cannot listen again", error));
      this.#rest(target);
    }
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#waking;
    clearTimeout(this.#timer);
    await this.#listener?.close();
  }
}
