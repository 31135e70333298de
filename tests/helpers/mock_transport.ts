/** A transport whose connections are mocks: the test is every peer of the socket. */

import type { Connection } from "../../src/contracts/connection.ts";
import { SPError } from "../../src/base/errors.ts";
import type { BindOptions } from "../../src/surface/options.ts";
import type { Socket } from "../../src/socket/socket.ts";
import type {
  Bindable,
  Dialable,
  ListenerSink,
  Transport,
  TransportContext,
} from "../../src/contracts/transport.ts";
import { registerTransport } from "../../src/surface/transports.ts";
import { MockConnection, type MockOptions } from "./mock_connection.ts";

/** A try to connect that nothing comes of, not even when it is given up. */
export interface UnansweredDial {
  readonly context: TransportContext;
  readonly answer: (connection: Connection) => void;
}

class MockTransport implements Transport {
  readonly schemes: readonly string[] = ["mock"];
  /** Who listens, by name. */
  readonly bound: Map<string, ListenerSink> = new Map();
  /** What dialling a name comes to, in order; when nothing is left it is refused. */
  readonly dialled: Map<string, Connection[]> = new Map();
  /** Who dials a name that does not answer, in order: what the dialer said, and what answers at last. */
  readonly unanswered: Map<string, UnansweredDial[]> = new Map();

  connect(_address: string, rest: string): Dialable {
    return {
      dial: (context) => {
        const unanswered = this.unanswered.get(rest);
        if (unanswered !== undefined) {
          return new Promise((answer) => unanswered.push({ context, answer }));
        }
        const connection = this.dialled.get(rest)?.shift();
        if (connection !== undefined) return Promise.resolve(connection);
        return Promise.reject(new SPError("ECONNREFUSED", `Nobody is at ${rest}`));
      },
    };
  }

  bind(_address: string, rest: string): Bindable {
    return {
      listen: (_context, sink) => {
        this.bound.set(rest, sink);
        return Promise.resolve({
          address: `mock://${rest}`,
          close: () => {
            this.bound.delete(rest);
            return Promise.resolve();
          },
        });
      },
    };
  }
}

const transport = new MockTransport();
registerTransport(transport);

let names = 0;

/** Where mock peers come to a socket: a bound address. */
export class MockPlace {
  readonly #socket: Socket;
  readonly #name: string;
  #peers = 0;

  private constructor(socket: Socket, name: string) {
    this.#socket = socket;
    this.#name = name;
  }

  /** Binds a socket for mock peers to come. */
  static async of(socket: Socket, options: BindOptions = {}): Promise<MockPlace> {
    const name = `place-${names++}`;
    await socket.bind(`mock://${name}`, options);
    return new MockPlace(socket, name);
  }

  /** A peer connects; on a byte connection it still has its SP header to send. */
  approach(options: MockOptions = {}): MockConnection {
    const connection = new MockConnection({
      remoteAddress: `mock://peer-${++this.#peers}`,
      ...options,
    });
    transport.bound.get(this.#name)!.connection(connection);
    return connection;
  }

  /** A peer connects to an address that a socket is bound to. */
  static approachAt(address: string, options: MockOptions = {}): MockConnection {
    const connection = new MockConnection(options);
    transport.bound.get(address.replace("mock://", ""))!.connection(connection);
    return connection;
  }

  /** A peer connects, and is attached. One that is `stuck` takes nothing from the first message on. */
  async peer(options: MockOptions = {}): Promise<MockConnection> {
    const before = this.#socket.stats().peers.length;
    const connection = this.approach(options);
    await this.#socket.peers(before + 1);
    return connection;
  }
}

/** Has the next dials of an address find these connections. */
export function expectDials(...connections: Connection[]): string {
  const name = `dialled-${names++}`;
  transport.dialled.set(name, connections);
  return `mock://${name}`;
}

/** An address that does not answer, and the tries to connect to it so far. */
export function expectSilence(): { readonly address: string; readonly dials: UnansweredDial[] } {
  const name = `silent-${names++}`;
  const dials: UnansweredDial[] = [];
  transport.unanswered.set(name, dials);
  return { address: `mock://${name}`, dials };
}
