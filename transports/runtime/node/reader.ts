import type { NetModule, NetSocket } from "../shared/node_api.ts";
import type { SocketReader } from "../shared/net/connection.ts";

/*
 * Reading without a stream in between. As a stream, a `net.Socket` reads into 64 KiB of new memory each time, so that
 * messages of 64 KiB and more cost twice the processor time (`npm run bench -- throughput`). `onread` reads into memory of
 * ours: libuv asks for it, fills it and calls back at once, so one piece serves all sockets of a thread. A large message is
 * read straight into its own memory.
 */
const SIZE = 64 * 1024;
let shared: Uint8Array<ArrayBuffer> | undefined;

/** What a `net.Socket` reads, for a connection that may not have begun: `onread` of its options. */
export class NodeReader implements SocketReader {
  #room: Uint8Array<ArrayBuffer> = shared ??= new Uint8Array(SIZE);
  #take: ((chunk: Uint8Array<ArrayBuffer>) => void) | undefined;
  #ask: (() => Uint8Array<ArrayBuffer> | undefined) | undefined;
  #early: Uint8Array<ArrayBuffer> | undefined;

  /** Called by Node: where to read to next. */
  readonly buffer = (): Uint8Array<ArrayBuffer> => {
    this.#room = shared!;
    try {
      this.#room = this.#ask?.() ?? shared!;
    } catch (error) {
      report(error);
    }
    return this.#room;
  };

  /** Called by Node: so many bytes have been read there. False stops the reading. */
  readonly callback = (length: number): boolean => {
    const chunk = this.#room.subarray(0, length);
    if (this.#take === undefined) {
      this.#early = chunk.slice();
      return false;
    }
    try {
      this.#take(chunk);
    } catch (error) {
      report(error);
    }
    return true;
  };

  start(
    socket: NetSocket,
    take: (chunk: Uint8Array<ArrayBuffer>) => void,
    ask: () => Uint8Array<ArrayBuffer> | undefined,
  ): void {
    const early = this.#early;
    this.#take = take;
    this.#ask = ask;
    this.#early = undefined;
    if (early === undefined) return;
    socket.resume();
    take(early);
  }
}

/** Node asks for other memory only if nothing is thrown, and would go on reading to a message that is somebody else's. */
function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** A reader for a socket to be. */
export function newReader(): NodeReader {
  return new NodeReader();
}

/**
 * A socket that has a reader, in place of one that was accepted (with `pauseOnConnect`): `net.Server` has no `onread`.
 * The handle is not documented; where it is missing, the socket stays as it is.
 */
export function withReader(
  net: NetModule,
  accepted: NetSocket,
): { socket: NetSocket; reader?: NodeReader } {
  const handle = accepted._handle;
  if (handle === undefined || handle === null) return { socket: accepted };
  const reader = newReader();
  accepted._handle = null;
  return { socket: new net.Socket({ handle: handle as never, onread: reader }), reader };
}
