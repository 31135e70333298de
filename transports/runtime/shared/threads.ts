/*
 * What the runtimes have of their own about threads. `node:worker_threads` is taken with
 * `process.getBuiltinModule`, so that bundles for browsers have no trace of it.
 */

/** A `Worker`, of the web or of `node:worker_threads`, as the thread that made it sees it. */
export interface WorkerLike {
  /** Sends it a message. (What may be transferred, each runtime's types call by another name.) */
  postMessage(message: unknown, transfer: never): void;
  /** Ends it. */
  terminate(): unknown;
}

/** The thread that made this worker, as the worker sees it: `self`, or `parentPort` of `node:worker_threads`. */
export interface ParentLike {
  /** Hears what it sends. */
  addEventListener(type: "message", listener: (event: Event) => void): void;
  /** Does not hear it any more. */
  removeEventListener(type: "message", listener: (event: Event) => void): void;
}

interface WorkerThreads {
  readonly parentPort: ParentLike | null;
}

interface Scope {
  readonly process?: { getBuiltinModule?: (name: string) => unknown };
}

function workerThreads(): WorkerThreads | undefined {
  // Not destructured: the build for browsers puts `undefined` in the place of `globalThis.process`.
  return (globalThis as Scope).process?.getBuiltinModule?.("node:worker_threads") as
    | WorkerThreads
    | undefined;
}

/** The thread that made this one, if this is a worker. */
export function parentThread(): ParentLike | undefined {
  const scope = globalThis as unknown as ParentLike & {
    readonly WorkerGlobalScope?: new () => unknown;
    readonly postMessage?: unknown;
  };
  const parentPort = workerThreads()?.parentPort;
  if (parentPort) return parentPort;
  const { WorkerGlobalScope } = scope;
  const isWorker = WorkerGlobalScope !== undefined && scope instanceof WorkerGlobalScope;
  return isWorker && typeof scope.postMessage === "function" ? scope : undefined;
}

function lockManager(): LockManager | undefined {
  return (globalThis as { navigator?: { readonly locks?: LockManager } }).navigator?.locks;
}

/**
 * Browsers do not tell that the other end of a `MessagePort` is gone. But a lock (Web Locks) that a worker holds is
 * free when the worker has ended, and who waits for it is told.
 *
 * @param held Called once, with the lock's name when it is held; without one where there are no locks, as in a page that
 * came by `http:`.
 * @returns What lets go of it.
 */
export function holdLock(held: (name?: string) => void): () => void {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => release = resolve);
  const locks = lockManager();
  if (locks === undefined) held();
  else {
    const name = `nanostreams.${crypto.randomUUID()}`;
    locks.request(name, () => {
      held(name);
      return released;
    }).catch(() => held());
  }
  return release;
}

/**
 * Waits for a lock that another thread holds.
 *
 * @param free Called when that thread has let go of it, or has ended.
 * @returns What ends the wait.
 */
export function awaitLock(name: string, free: () => void): () => void {
  const controller = new AbortController();
  lockManager()?.request(name, { signal: controller.signal }, free).catch(() => {});
  return () => controller.abort();
}

/** Deno tells that the other end of a `MessagePort` is gone only where `node:worker_threads` was loaded before. */
export function watchPorts(): void {
  workerThreads();
}
