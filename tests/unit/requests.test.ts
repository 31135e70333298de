/** The requester's state machine, with mock pipes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { encodeWord, readWord } from "../../patterns/backtrace.ts";
import { type Exchange, Requests, type RequestsOptions } from "../../patterns/requests.ts";
import { concat, hex, text, utf8 } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { type MockPipe, mockPipe, type MockPipeOptions } from "../helpers/mock_pipe.ts";

/** A request, and what became of it. */
class Asked implements Exchange {
  readonly id: number;
  readonly message;
  readonly answers: string[] = [];
  readonly failures: unknown[] = [];

  constructor(body: string, id: number) {
    this.id = (0x8000_0000 | id) >>> 0;
    this.message = { header: encodeWord(this.id), body: utf8(body) };
  }

  answer(reply: Uint8Array): void {
    this.answers.push(text(reply));
  }

  fail(reason: unknown): void {
    this.failures.push(reason);
  }
}

/** The machine with its pipes, put together as a socket does. */
class Machine {
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
function written({ pipe, connection }: MockPipe): string[] {
  pipe.flush();
  return connection.messages().map((message) =>
    `${readWord(message, 0) & 0x7fff_ffff} ${text(message.subarray(4))}`
  );
}

function reply({ connection }: MockPipe, to: Asked, body: string): void {
  connection.deliver(concat([encodeWord(to.id), utf8(body)]));
}

describe("a request", () => {
  test("goes to the peers in turn, behind its id, and answers find it in any order", () => {
    const machine = new Machine();
    const [a, b] = [machine.pipe(), machine.pipe()];
    const [x, y, z] = ["x", "y", "z"].map((body) => machine.ask(body));
    assert.deepEqual(written(a), ["1 x", "3 z"]);
    assert.deepEqual(written(b), ["2 y"]);
    reply(a, z!, "Z");
    reply(b, y!, "Y");
    reply(a, x!, "");
    assert.deepEqual([x, y, z].map((asked) => asked!.answers), [[""], ["Y"], ["Z"]]);
  });

  test("without a peer is held, and goes in order when there is one", () => {
    const machine = new Machine();
    machine.ask("x");
    machine.ask("y");
    const a = machine.pipe();
    machine.ask("z");
    assert.deepEqual(written(a), ["1 x", "2 y", "3 z"]);
  });

  test("is held while every peer is full", () => {
    const machine = new Machine();
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    machine.ask("x");
    machine.ask("y");
    assert.deepEqual(written(a), ["1 x"]);
    a.connection.release();
    assert.deepEqual(written(a), ["1 x", "2 y"]);
  });

  test("of a lost peer goes to another at once, sent already or not, and is answered there", () => {
    const machine = new Machine();
    const a = machine.pipe();
    const x = machine.ask("x");
    assert.deepEqual(written(a), ["1 x"]);
    machine.ask("y");
    const b = machine.pipe();
    a.connection.break();
    assert.deepEqual(written(b), ["1 x", "2 y"]);
    assert.deepEqual(written(a), ["1 x"]);
    assert.deepEqual(a.pipe.drops, {});
    reply(b, x, "X");
    assert.deepEqual(x.answers, ["X"]);
  });

  test("of the only peer, which is lost, is held for the next", () => {
    const machine = new Machine();
    const a = machine.pipe();
    machine.ask("x");
    a.connection.break();
    const b = machine.pipe();
    assert.deepEqual(written(b), ["1 x"]);
  });

  test("that was answered is not sent again when its peer is lost", () => {
    const machine = new Machine();
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    reply(a, x, "X");
    a.connection.break();
    assert.deepEqual(written(b), []);
  });

  test("is sent again when its interval has passed, to whoever's turn it is, until it is answered", async () => {
    const machine = new Machine({ resendInterval: 2 });
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    await b.connection.until(({ writes }) => writes.length > 0);
    assert.equal(written(a)[0], "1 x");
    assert.equal(written(b)[0], "1 x");
    // The slower of the two may still answer.
    reply(a, x, "X");
    const sent = written(a).length + written(b).length;
    reply(b, x, "late");
    assert.deepEqual(x.answers, ["X"]);
    assert.deepEqual(b.pipe.drops, { late: 1 });
    const y = machine.ask("y");
    const both = [a, b].map(({ connection }) =>
      connection.until(() => connection.messages().some((message) => message.at(-1) === 0x79))
    );
    await Promise.all(both);
    reply(a, y, "Y");
    const again = [...written(a), ...written(b)].filter((request) => request === "1 x");
    assert.equal(again.length, sent);
    machine.requests.close("over");
  });

  test("leaves no timer behind once all is closed", () => {
    const machine = new Machine({ resendInterval: 60_000 });
    machine.pipe();
    machine.ask("x");
    // A timer of a minute that is left behind keeps Node from ending in time.
    machine.requests.close("over");
  });

  test("is sent once where the interval is longer than a timer can be", async () => {
    const machine = new Machine({ resendInterval: 2 ** 40 });
    const a = machine.pipe();
    machine.ask("x");
    await new Promise((resolve) => setTimeout(resolve));
    assert.deepEqual(written(a), ["1 x"]);
  });

  test("that is cancelled is not sent when it was held, nor again when it was sent, and its answer is late", () => {
    const machine = new Machine();
    const held = machine.ask("held");
    machine.requests.cancel(held);
    const a = machine.pipe();
    assert.deepEqual(written(a), []);
    const sent = machine.ask("sent");
    assert.deepEqual(written(a), ["2 sent"]);
    machine.requests.cancel(sent);
    machine.requests.cancel(sent);
    reply(a, sent, "too late");
    assert.deepEqual(a.pipe.drops, { late: 1 });
    const b = machine.pipe();
    a.connection.break();
    assert.deepEqual(written(b), []);
    assert.deepEqual(
      [held, sent].map(({ answers, failures }) => answers.length + failures.length),
      [0, 0],
    );
  });

  test("fails when the socket is closed, held or sent, and none begins after that", () => {
    const machine = new Machine();
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    const [sent, held] = [machine.ask("sent"), machine.ask("held")];
    machine.requests.close("over");
    assert.deepEqual([sent.failures, held.failures], [["over"], ["over"]]);
    assert.throws(() => machine.ask("more"), spError("ECLOSED"));
  });
});

describe("an answer", () => {
  test("that comes twice counts once", () => {
    const machine = new Machine();
    const a = machine.pipe();
    const x = machine.ask("x");
    reply(a, x, "X");
    reply(a, x, "X");
    assert.deepEqual(x.answers, ["X"]);
    assert.deepEqual(a.pipe.drops, { late: 1 });
    assert.equal(a.connection.destroyed, false);
  });

  test("from another peer than the last that was asked counts", () => {
    const machine = new Machine();
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    reply(b, x, "X");
    assert.deepEqual(x.answers, ["X"]);
    reply(a, x, "X");
    assert.deepEqual(a.pipe.drops, { late: 1 });
  });

  test("to no request is late, and dropped", () => {
    const machine = new Machine();
    const a = machine.pipe();
    a.connection.deliver(hex("ff ff ff ff 61"));
    assert.deepEqual(a.pipe.drops, { late: 1 });
    assert.equal(a.connection.destroyed, false);
  });

  for (const malformed of ["", "80", "80 00 00", "00 00 00 01", "7f ff ff ff 61 62"]) {
    test(`without an id closes its connection, and the request goes elsewhere: "${malformed}"`, () => {
      const machine = new Machine();
      const [a, b] = [machine.pipe(), machine.pipe()];
      const x = machine.ask("x");
      a.connection.deliver(hex(malformed));
      assert.deepEqual(a.pipe.drops, { malformed: 1 });
      assert.equal(a.host.reason?.code, "EPROTO");
      assert.match(a.host.reason.message, /reply without its id/);
      assert.equal(a.connection.destroyed, true);
      assert.deepEqual(written(b), ["1 x"]);
      assert.deepEqual(x.failures, []);
    });
  }
});

describe("a request that fails without peers", () => {
  test("fails at once where nobody is connected", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const x = machine.ask("x");
    assert.throws(() => {
      throw x.failures[0];
    }, spError("ENOPEERS", "nobody is connected"));
    assert.throws(() => machine.requests.send(new Asked("y", 2)), spError("ENOPEERS"));
    assert.deepEqual(written(machine.pipe()), []);
  });

  test("fails when the last peer goes, and not before", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const [a, b] = [machine.pipe(), machine.pipe()];
    const x = machine.ask("x");
    a.connection.break();
    assert.deepEqual(x.failures, []);
    assert.deepEqual(written(b), ["1 x"]);
    b.connection.break();
    assert.equal(x.failures.length, 1);
    assert.deepEqual(written(machine.pipe()), []);
  });

  test("waits while its peers are full", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    machine.ask("x");
    const y = machine.ask("y");
    assert.deepEqual(written(a), ["1 x"]);
    assert.deepEqual(y.failures, []);
    a.connection.release();
    assert.deepEqual(written(a), ["1 x", "2 y"]);
  });

  test("and is held fails, too, when the last peer goes", () => {
    const machine = new Machine({ failWithoutPeers: true });
    const a = machine.pipe({ framing: "tcp", sendBuffer: 1 });
    a.connection.stuck = true;
    const x = machine.ask("x");
    const held = machine.ask("held");
    a.connection.break();
    assert.deepEqual([x.failures.length, held.failures.length], [1, 1]);
  });
});

test("with `ready`, send finds no place until a peer takes the request; a request of its own is held", () => {
  const machine = new Machine({ ready: true });
  const x = new Asked("x", 1);
  assert.equal(machine.requests.send(x), false);
  machine.ask("held");
  const a = machine.pipe();
  assert.equal(machine.requests.send(x), true);
  assert.deepEqual(written(a), ["1 held", "1 x"]);
});
