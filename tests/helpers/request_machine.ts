/** The requester's state machine, put together with mock pipes. */

import { encodeWord, readWord } from "../../patterns/backtrace.ts";
import { Exchange } from "../../patterns/asking/exchange.ts";
import { Requests, type RequestsOptions } from "../../patterns/asking/requests.ts";
import { concat, text, utf8 } from "./bytes.ts";
import { type MockPipe, mockPipe, type MockPipeOptions } from "./mock_pipe.ts";

/** A request, and what became of it. */
export class Asked extends Exchange {
  readonly answers: string[] = [];
  readonly failures: unknown[] = [];

  constructor(body: string, id: number, attempts: number = Infinity) {
    super((0x8000_0000 | id) >>> 0, utf8(body), attempts);
  }

  answer(reply: Uint8Array): void {
    this.answers.push(text(reply));
  }

  fail(reason: unknown): void {
    this.failures.push(reason);
  }

  cancel(reason: unknown): void {
    this.failures.push(reason);
  }
}

/** The machine with its pipes, put together as a socket does. */
export class Machine {
  readonly requests: Requests;
  readonly asked: Asked[] = [];

  constructor(options: Partial<RequestsOptions> = {}) {
    this.requests = new Requests({
      resendInterval: Infinity,
      failWithoutPeers: false,
      ready: false,
      ...options,
    });
  }

  pipe(options: MockPipeOptions = {}): MockPipe {
    const mock: MockPipe = mockPipe({
      sendBuffer: Infinity,
      inbound: {
        transform: (message, to) => this.requests.inbound(mock.pipe).transform(message, to),
      },
      ...options,
    });
    mock.host.onReady = (pipe) => {
      this.requests.ready(pipe);
      this.requests.pump();
    };
    mock.host.onClosing = (pipe) => this.requests.detach(pipe);
    mock.host.onClosed = (pipe) => {
      this.requests.reclaim(pipe);
      this.requests.pump();
    };
    this.requests.attach(mock.pipe);
    this.requests.pump();
    return mock;
  }

  ask(body: string): Asked {
    const asked = new Asked(body, this.asked.length + 1);
    this.asked.push(asked);
    this.requests.start(asked);
    return asked;
  }
}

/** The requests that a pipe has written: `"1 hello"`. */
export function written({ pipe, connection }: MockPipe): string[] {
  pipe.flush();
  return connection.messages().map((message) =>
    `${readWord(message, 0) & 0x7fff_ffff} ${text(message.subarray(4))}`
  );
}

/** A peer answers a request. */
export function reply({ connection }: MockPipe, to: Asked, body: string): void {
  connection.deliver(concat([encodeWord(to.id), utf8(body)]));
}
