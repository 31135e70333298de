import { SPError } from "../../src/base/errors.ts";
import { describe } from "../../src/memory/message.ts";
import { Waiter } from "../../src/base/wait.ts";
import { THREAD } from "./inproc.ts";
import { HubBoard, Uplink } from "./link.ts";
import { isPort } from "./port.ts";
import {
  type ParentLike,
  parentThread,
  watchPorts,
  type WorkerLike,
} from "../runtime/shared/threads.ts";

/** Under this name a worker gets its end of a channel; the number is that of what threads say to each other. */
const HELLO = "nanostreams.inproc.1";

/** Two threads that share the names of `inproc://`: what {@linkcode attachInproc} returns. */
export interface InprocAttachment extends Disposable {
  /** Takes them apart: connections between them end, and each has its own names. */
  close(): void;
  /**
   * Resolves when they are apart: either side has closed it, or the thread has ended. Then, and not before, they can be
   * attached again.
   */
  readonly closed: Promise<void>;
}

/** Workers that are attached to this thread. */
const attached: WeakMap<WorkerLike, InprocAttachment> = new WeakMap();
let toParent: InprocAttachment | undefined;

/**
 * Lets the sockets of a worker and those of the thread that made it reach each other by `inproc://`; all workers that
 * are attached reach each other too. It takes one line on each side:
 *
 * ```ts ignore
 * attachInproc(worker); // in the thread that makes the worker
 * attachInproc(); // in the worker, before anything is awaited
 * ```
 *
 * A name is bound once in all threads, and may be dialled before it is bound, from any of them. Messages go from thread
 * to thread without a way round. They are copied once; `transfer` moves them instead. A peer that does not read
 * pushes its sender back, and when a worker ends its sockets' peers are told.
 *
 * A worker's `bind` of a name waits until the other thread has attached the worker. A socket that is bound or dials, or
 * that is connected to another thread, keeps its worker or process alive until it is closed.
 *
 * For Deno, Bun, Node (where it takes a `Worker` of `node:worker_threads`) and browsers. A browser tells the end of a
 * worker only to pages that came by `https:` or from this machine; on others call `close` when you terminate one.
 *
 * @param to The worker; or, in the worker, the thread that made it: `self` or `parentPort`, which is found if it is
 * left out.
 * @returns What takes them apart again. The same, if they are attached already.
 * @throws {SPError} `EINVAL` if it is neither, `ESTATE` if this thread is no worker, or has attached workers of its own
 * before it was itself attached.
 *
 * @example
 * ```ts
 * import { attachInproc, Req } from "@nanostreams/nanostreams";
 *
 * const code = `
 *   import { attachInproc, Rep } from ${JSON.stringify(import.meta.resolve("@nanostreams/nanostreams"))};
 *   attachInproc();
 *   const rep = new Rep();
 *   await rep.bind("inproc://shout");
 *   rep.serve((text) => new TextDecoder().decode(text).toUpperCase());
 * `;
 * const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
 * const worker = new Worker(url, { type: "module" });
 * attachInproc(worker);
 *
 * await using req = new Req();
 * req.connect("inproc://shout");
 * console.log(new TextDecoder().decode(await req.request("hello"))); // "HELLO"
 * worker.terminate();
 * ```
 */
export function attachInproc(to?: WorkerLike | ParentLike): InprocAttachment {
  if (to === undefined) return attachParent(parentThread());
  if (typeof to !== "object" || to === null || !("addEventListener" in to || "terminate" in to)) {
    const wanted = "expected a Worker, or nothing inside of one";
    throw new SPError("EINVAL", `Cannot attach ${describe(to)}: ${wanted}`);
  }
  return "terminate" in to ? attachWorker(to) : attachParent(to);
}

function attachWorker(worker: WorkerLike): InprocAttachment {
  const known = attached.get(worker);
  if (known !== undefined) return known;
  watchPorts();
  const over = new Waiter<void>();
  if (THREAD.board === undefined) THREAD.use(new HubBoard(THREAD));
  const close = THREAD.board!.link(
    (port) => worker.postMessage({ [HELLO]: port }, [port] as never),
    () => {
      attached.delete(worker);
      over.resolve();
    },
  );
  const attachment = { close, closed: over.promise, [Symbol.dispose]: close };
  attached.set(worker, attachment);
  return attachment;
}

function attachParent(parent: ParentLike | undefined): InprocAttachment {
  if (toParent !== undefined) return toParent;
  if (parent === undefined) {
    const wanted = "expected attachInproc(worker) here, and attachInproc() in the worker";
    throw new SPError(
      "ESTATE",
      `Cannot attach the parent of this thread: it is not a worker: ${wanted}`,
    );
  }
  if (THREAD.board instanceof HubBoard && THREAD.board.hasLinks) {
    const wanted = "expected attachInproc() before attachInproc(worker)";
    throw new SPError(
      "ESTATE",
      `Cannot attach a worker that has workers attached already: ${wanted}`,
    );
  }
  watchPorts();
  const onMessage = (event: Event): void => {
    const port = (event as MessageEvent<Record<string, unknown> | null>).data?.[HELLO];
    if (!isPort(port)) return;
    // It is none of the messages that the worker's own listeners wait for.
    event.stopImmediatePropagation();
    parent.removeEventListener("message", onMessage);
    uplink.open(port);
  };
  const over = new Waiter<void>();
  const uplink = new Uplink(THREAD, () => {
    parent.removeEventListener("message", onMessage);
    toParent = undefined;
    over.resolve();
  });
  parent.addEventListener("message", onMessage);
  THREAD.use(uplink);
  const close = (): void => uplink.close();
  return toParent = { close, closed: over.promise, [Symbol.dispose]: close };
}
