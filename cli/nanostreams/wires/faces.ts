/* What sockets of both wires have in common: a message is frames here, and on each wire what its sockets take and give. */
import type { Frames } from "../messages.ts";
import type { AnySocket, Conversation, Wait } from "../sockets.ts";

/** A socket that sends. */
interface Sends<Chunk> extends AnySocket {
  send(message: Chunk, wait?: Wait): Promise<void>;
}

/** A socket that receives. */
interface Receives<Message> extends AnySocket {
  receiveBatch(wait?: Wait): Promise<Message[]>;
}

/** A socket that asks. */
interface Asks<Chunk, Message> extends AnySocket {
  request(message: Chunk, wait?: Wait): Promise<Message>;
}

/** A socket that answers. */
interface Answers<Chunk, Message> extends AnySocket {
  serve(
    handler: (
      message: Message,
      question: { readonly peer: { readonly remoteAddress: string } },
    ) => Promise<Chunk | undefined>,
    options: { concurrency: number; signal: AbortSignal },
  ): Promise<void>;
}

/** Makes conversations of a wire's sockets. */
export class Faces<Chunk, Message> {
  readonly #toChunk: (frames: Frames) => Chunk;
  readonly #toFrames: (message: Message) => Frames;

  /** @param toChunk What a socket is given. @param toFrames What one has given. */
  constructor(toChunk: (frames: Frames) => Chunk, toFrames: (message: Message) => Frames) {
    this.#toChunk = toChunk;
    this.#toFrames = toFrames;
  }

  sends(socket: Sends<Chunk>): Conversation {
    return { socket, send: (message, wait) => socket.send(this.#toChunk(message), wait) };
  }

  receives(socket: Receives<Message>): Conversation {
    const receive = async (wait?: Wait) =>
      (await socket.receiveBatch(wait)).map((message) => ({ frames: this.#toFrames(message) }));
    return { socket, receive };
  }

  converses(socket: Sends<Chunk> & Receives<Message>): Conversation {
    return { ...this.sends(socket), ...this.receives(socket) };
  }

  asks(socket: Asks<Chunk, Message>): Conversation {
    return {
      socket,
      request: async (message, wait) => ({
        frames: this.#toFrames(await socket.request(this.#toChunk(message), wait)),
      }),
    };
  }

  answers(socket: Answers<Chunk, Message>): Conversation {
    return {
      socket,
      serve: (handler, options) =>
        socket.serve(async (message, { peer }) => {
          const frames = this.#toFrames(message);
          const answer = await handler({ frames, peer: peer.remoteAddress });
          return answer && this.#toChunk(answer);
        }, options),
    };
  }
}
