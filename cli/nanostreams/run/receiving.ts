/* What the loops have in common that receive. */
import type { Invocation } from "../invocation.ts";
import type { Arrived } from "../messages.ts";
import type { AnySocket } from "../sockets.ts";

/** A signal that is aborted after a time, or by hand. */
export class Deadline implements Disposable {
  readonly #controller: AbortController = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the time has passed. */
  isOver = false;

  /** @param milliseconds None if undefined. */
  constructor(milliseconds: number | undefined) {
    if (milliseconds === undefined || milliseconds > 0x7fff_ffff) return;
    this.#timer = setTimeout(() => {
      this.isOver = true;
      this.#controller.abort();
    }, milliseconds);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts it. */
  end(): void {
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/** Calls back when a signal is aborted, or is. */
export function onAbort(signal: AbortSignal, callback: () => void): void {
  if (signal.aborted) callback();
  else signal.addEventListener("abort", callback, { once: true });
}

/** Says whom messages come from, where the socket does not, and there is but one whom they can come from. */
export function whose(
  socket: AnySocket,
  { flags, operands, binds }: Invocation,
): (message: Arrived) => Arrived {
  const isShown = flags.has("json") || flags.text("template")?.includes("{{peer}}") === true;
  if (!isShown) return (message) => message;
  const bound = [...flags.all("bind"), ...(binds ? operands : [])];
  const connected = [...flags.all("connect"), ...(binds ? [] : operands)];
  const [only] = bound.length === 0 && connected.length === 1 ? connected : [];
  return (message) => {
    const peer = message.peer ?? only ?? onlyPeer(socket);
    return { ...message, peer };
  };
}

/** The one peer that has ever been there. */
function onlyPeer(socket: AnySocket): string | undefined {
  const { endpoints, peers } = socket.stats();
  const ever = endpoints.reduce(
    (sum, { established, accepted }) => sum + established + accepted,
    0,
  );
  return ever === 1 ? peers[0]?.remoteAddress : undefined;
}
