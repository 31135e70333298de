import type { Board, InprocRegistry } from "./registry.ts";
import { Hub, type Member } from "./hub.ts";
import { DOWNWARD, type Downward, isOf, type Language, UPWARD, type Upward } from "./language.ts";
import { ThisThread } from "./member.ts";
import { closePort, type Port } from "./port.ts";
import { awaitLock, holdLock } from "../runtime/shared/threads.ts";

/**
 * A port that keeps nothing alive until it is told to. Anybody in this program may have its other end, and post whatever
 * they like: at something that is no message of the language it is given up.
 */
function open<Message extends { readonly type: string }>(
  port: Port,
  language: Language<Message>,
  onMessage: (message: Message) => void,
  onClose: () => void,
): void {
  const giveUp = (): void => {
    port.postMessage({ type: "bye" });
    onClose();
  };
  port.addEventListener("message", ({ data }) => {
    if (isOf(language, data)) onMessage(data);
    else giveUp();
  });
  port.addEventListener("messageerror", giveUp);
  port.addEventListener("close", onClose);
  port.start();
  port.unref?.();
}

function holdPort(port: Port | undefined, wanted: boolean): void {
  if (wanted) port?.ref?.();
  else port?.unref?.();
}

/** The hub of this thread and of those that are attached to it. */
export class HubBoard implements Board {
  readonly #hub: Hub = new Hub();
  readonly #self: ThisThread;
  readonly #links: Set<Downlink> = new Set();
  #threads = 0;
  #held = false;

  /** @param registry This thread's. */
  constructor(registry: InprocRegistry) {
    this.#self = new ThisThread(registry);
    this.#hub.join(this.#self);
  }

  /** Whether other threads are attached. */
  get hasLinks(): boolean {
    return this.#links.size > 0;
  }

  bind(name: string, answer: (granted: boolean) => void): void {
    answer(this.#hub.bind(name, this.#self));
  }

  unbind(name: string): void {
    this.#hub.unbind(name, this.#self);
  }

  dial(name: string, id: number): void {
    this.#hub.dial(name, id, this.#self);
  }

  cancel(name: string, id: number): void {
    this.#hub.cancel(name, id, this.#self);
  }

  hold(wanted: boolean): void {
    if (wanted === this.#held) return;
    this.#held = wanted;
    for (const { port } of this.#links) holdPort(port, wanted);
  }

  link(give: (port: Port) => void, onOver: () => void): () => void {
    const { port1, port2 } = new MessageChannel();
    const link: Downlink = new Downlink(++this.#threads, port1, this.#hub, this, () => {
      this.#links.delete(link);
      onOver();
    });
    this.#links.add(link);
    holdPort(port1, this.#held);
    give(port2);
    return () => link.close();
  }
}

/** A thread that is attached to the hub of this one. */
class Downlink implements Member {
  readonly thread: number;
  readonly port: Port;
  readonly #hub: Hub;
  readonly #board: Board;
  readonly #onOver: () => void;
  /** What ends the links that were made for the thread's own workers. */
  readonly #adopted: Map<number, () => void> = new Map();
  /** Ends the wait for the end of the thread, where a lock tells of it. */
  #ignore: (() => void) | undefined;
  #over = false;

  constructor(thread: number, port: Port, hub: Hub, board: Board, onOver: () => void) {
    this.thread = thread;
    this.port = port;
    this.#hub = hub;
    this.#board = board;
    this.#onOver = onOver;
    hub.join(this);
    open<Upward>(port, UPWARD, (message) => this.#receive(message), () => this.#leave());
  }

  accept(name: string, port: Port, peer: number): void {
    this.#post({ type: "accept", name, port, peer }, [port]);
  }

  opened(id: number, port: Port, peer: number): void {
    this.#post({ type: "opened", id, port, peer }, [port]);
  }

  gone(thread: number): void {
    this.#post({ type: "gone", thread });
  }

  close(): void {
    this.#post({ type: "bye" });
    this.#leave();
  }

  #receive(message: Upward): void {
    // What was posted before the port was closed still arrives.
    if (this.#over) return;
    switch (message.type) {
      case "bind": {
        const granted = this.#hub.bind(message.name, this);
        return this.#post({ type: "bound", id: message.id, granted });
      }
      case "unbind":
        return this.#hub.unbind(message.name, this);
      case "dial":
        return this.#hub.dial(message.name, message.id, this);
      case "cancel":
        return this.#hub.cancel(message.name, message.id, this);
      case "adopt": {
        const { id } = message;
        const end = this.#board.link(
          (port) => this.#post({ type: "adopted", id, port }, [port]),
          () => {
            this.#adopted.delete(id);
            this.#post({ type: "released", id });
          },
        );
        this.#adopted.set(id, end);
        return;
      }
      case "alive":
        this.#ignore?.();
        this.#ignore = awaitLock(message.lock, () => this.#leave());
        return;
      case "release":
        return this.#adopted.get(message.id)?.();
      case "bye":
        return this.#leave();
    }
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    closePort(this.port);
    this.#ignore?.();
    this.#onOver();
    this.#hub.leave(this);
  }

  #post(message: Downward, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }
}

/** A link that the hub makes for a worker of this thread. */
interface AdoptedLink {
  readonly give: (port: Port) => void;
  readonly onOver: () => void;
}

/** The way to the hub of another thread: the one that made this worker, or the one that made that. */
export class Uplink implements Board {
  readonly #self: ThisThread;
  readonly #onOver: () => void;
  /** Undefined until the other thread has attached this one. */
  #port: Port | undefined;
  /** What is said once the hub is in reach. */
  #unsent: Upward[] | undefined = [];
  readonly #asked: Map<number, (granted: boolean) => void> = new Map();
  readonly #adopted: Map<number, AdoptedLink> = new Map();
  /** Lets go of the lock that tells of the end of this thread. */
  #release: (() => void) | undefined;
  #lastId = 0;
  #held = false;
  #over = false;

  /** @param registry This thread's. @param onOver Called once, when the hub is out of reach. */
  constructor(registry: InprocRegistry, onOver: () => void) {
    this.#self = new ThisThread(registry);
    this.#onOver = onOver;
  }

  /** The hub has given this thread its end of a channel. */
  open(port: Port): void {
    this.#port = port;
    open<Downward>(port, DOWNWARD, (message) => this.#receive(message), () => this.#leave());
    holdPort(port, this.#held);
    // Where there are processes, the hub is told of the end of this thread by its port.
    if (port.ref !== undefined) return this.#speak();
    // It is to know how before anybody is brought together with this thread.
    this.#release = holdLock((lock) => {
      if (lock !== undefined) port.postMessage({ type: "alive", lock });
      this.#speak();
    });
  }

  /** Leaves the hub. */
  close(): void {
    this.#port?.postMessage({ type: "bye" });
    this.#leave();
  }

  bind(name: string, answer: (granted: boolean) => void): void {
    const id = ++this.#lastId;
    this.#asked.set(id, answer);
    this.#post({ type: "bind", name, id });
  }

  unbind(name: string): void {
    this.#post({ type: "unbind", name });
  }

  dial(name: string, id: number): void {
    this.#post({ type: "dial", name, id });
  }

  cancel(name: string, id: number): void {
    this.#post({ type: "cancel", name, id });
  }

  hold(wanted: boolean): void {
    if (wanted === this.#held) return;
    this.#held = wanted;
    holdPort(this.#port, wanted);
  }

  link(give: (port: Port) => void, onOver: () => void): () => void {
    const id = ++this.#lastId;
    this.#adopted.set(id, { give, onOver });
    this.#post({ type: "adopt", id });
    return () => this.#post({ type: "release", id });
  }

  #receive(message: Downward): void {
    if (this.#over) return;
    switch (message.type) {
      case "bound":
        this.#asked.get(message.id)?.(message.granted);
        this.#asked.delete(message.id);
        return;
      case "accept":
        return this.#self.accept(message.name, message.port, message.peer);
      case "opened":
        return this.#self.opened(message.id, message.port, message.peer);
      case "adopted":
        return this.#adopted.get(message.id)?.give(message.port);
      case "released":
        this.#adopted.get(message.id)?.onOver();
        this.#adopted.delete(message.id);
        return;
      case "gone":
        return this.#self.gone(message.thread);
      case "bye":
        return this.#leave();
    }
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#port !== undefined) closePort(this.#port);
    this.#release?.();
    for (const { onOver } of this.#adopted.values()) onOver();
    this.#onOver();
    this.#self.alone();
  }

  #speak(): void {
    const unsent = this.#unsent ?? [];
    this.#unsent = undefined;
    for (const message of unsent) this.#post(message);
  }

  #post(message: Upward): void {
    if (this.#unsent !== undefined) this.#unsent.push(message);
    else this.#port!.postMessage(message);
  }
}
