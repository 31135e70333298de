/** To every peer at once, and back to one. */

import assert from "node:assert/strict";
import { mock } from "node:test";
import { describe, test } from "../helpers/flat.ts";
import { Packer } from "../../src/memory/packer.ts";
import { Broadcast, type Overflow, ReplyToOrigin } from "../../src/pipes/routing.ts";
import { text, utf8 } from "../helpers/bytes.ts";
import { type MockPipe, mockPipe, type MockPipeOptions } from "../helpers/mock_pipe.ts";

function broadcast(overflow: Overflow, ...options: MockPipeOptions[]): [Broadcast, ...MockPipe[]] {
  const router = new Broadcast(overflow);
  const pipes = options.map((option) => mockPipe(option));
  for (const { pipe } of pipes) router.attach(pipe);
  return [router, ...pipes];
}

function send(router: Broadcast, words: string): string[] {
  return words.split(" ").filter((word) => !router.send(utf8(word)));
}

/** What a pipe has written once its connection lets it. */
function written({ pipe, connection }: MockPipe): string {
  pipe.flush();
  connection.release();
  pipe.flush();
  return connection.messages().map(text).join(" ");
}

/** A queue out that has room for this many messages of one letter. */
function roomFor(messages: number): MockPipeOptions {
  return { framing: "tcp", sendBuffer: messages * 9 };
}

describe("broadcast", () => {
  test("goes nowhere without a peer, and that is no reason to wait", () => {
    assert.deepEqual(send(new Broadcast("block"), "a"), []);
  });

  test("goes to every peer, in the framing of each", () => {
    const [router, ...pipes] = broadcast("drop-oldest", { framing: "tcp" }, { framing: "ipc" }, {});
    send(router, "1 2");
    router.detach(pipes[2]!.pipe);
    send(router, "3");
    assert.deepEqual(pipes.map(written), ["1 2 3", "1 2 3", "1 2"]);
  });

  test("goes to all but the one that it came from", () => {
    const [router, a, b, c] = broadcast("block", roomFor(1), roomFor(1), roomFor(1));
    assert.equal(router.sendExcept(utf8("1"), b!.pipe), true);
    // Nobody waits for the room of a peer that does not get the message.
    assert.equal(router.sendExcept(utf8("2"), b!.pipe), false);
    assert.deepEqual([a!, b!, c!].map(written), ["1", "", "1"]);
  });

  test("goes only to those that are said to want it, and waits for no other", () => {
    const [router, a, b, c] = broadcast("block", roomFor(1), roomFor(1), roomFor(1));
    assert.equal(router.sendExcept(utf8("1"), undefined, (pipe) => pipe === b!.pipe), true);
    assert.equal(router.sendExcept(utf8("2"), undefined, (pipe) => pipe !== b!.pipe), true);
    assert.equal(router.sendExcept(utf8("3"), undefined, (pipe) => pipe === b!.pipe), false);
    assert.equal(router.sendExcept(utf8("4"), a!.pipe, (pipe) => pipe === a!.pipe), true);
    assert.equal(router.sendExcept(utf8("5"), undefined, () => false), true);
    assert.deepEqual([a!, b!, c!].map(written), ["2", "1", "2"]);
  });

  test("drops nothing of a peer that is full and does not want the message", () => {
    const [router, a, b] = broadcast("drop-oldest", roomFor(1), roomFor(9));
    send(router, "1");
    router.sendExcept(utf8("2"), undefined, (pipe) => pipe === b!.pipe);
    assert.deepEqual([a!, b!].map(written), ["1", "1 2"]);
    assert.deepEqual(a!.pipe.drops, {});
  });

  for (const framings of [["tcp"], ["tcp", "ipc"]] as const) {
    test(`lays a message out once for each framing there is (${framings.join(", ")}), whatever the number of peers`, (t) => {
      const pack = mock.method(Packer.prototype, "pack");
      t.after(() => pack.mock.restore());
      const options = Array.from({ length: 100 }, (_, i) => ({
        framing: framings[i % framings.length]!,
        sendBuffer: Infinity,
      }));
      const [router, ...pipes] = broadcast("drop-oldest", ...options);
      for (let i = 0; i < 10; i++) router.send(utf8(`${i}`));
      assert.equal(pack.mock.callCount(), 10 * framings.length);
      for (const pipe of pipes) assert.equal(written(pipe), "0 1 2 3 4 5 6 7 8 9");
    });
  }

  test("hands the same memory to every connection, in one piece", () => {
    const seen: Uint8Array[] = [];
    const [router, ...pipes] = broadcast("drop-oldest", ...Array(3).fill({ framing: "tcp" }));
    for (const { connection } of pipes) {
      connection.write = (chunks) => {
        seen.push(...chunks);
        return true;
      };
    }
    send(router, "1 2 3");
    for (const { pipe } of pipes) pipe.flush();
    assert.equal(seen.length, 3);
    for (const chunk of seen) {
      assert.equal(chunk.buffer, seen[0]!.buffer);
      assert.equal(chunk.byteOffset, seen[0]!.byteOffset);
      assert.equal(chunk.length, 27);
    }
  });

  test("does not write over what a slow peer still has to be sent", () => {
    const [router, fast, slow] = broadcast(
      "drop-oldest",
      { framing: "tcp", sendBuffer: Infinity },
      { framing: "tcp", sendBuffer: Infinity },
    );
    slow!.connection.stuck = true;
    const words = Array.from({ length: 200 }, (_, i) => `${i}`.padStart(10, "-"));
    for (const word of words) {
      router.send(utf8(word));
      fast!.pipe.flush();
      slow!.pipe.flush();
    }
    assert.equal(written(fast!), words.join(" "));
    assert.equal(written(slow!), words.join(" "));
  });
});

describe("a broadcast to a peer whose queue is full", () => {
  test("drops what it has waited for longest, and counts it for that peer alone", () => {
    const [router, slow, fast] = broadcast("drop-oldest", roomFor(2), roomFor(9));
    assert.deepEqual(send(router, "1 2 3 4"), []);
    assert.deepEqual(slow!.pipe.drops, { overflow: 2 });
    assert.deepEqual(fast!.pipe.drops, {});
    assert.deepEqual(slow!.host.calls, ["overflow 1", "overflow 1"]);
    assert.equal(slow!.pipe.messagesSent, 2);
    assert.deepEqual([slow!, fast!].map(written), ["3 4", "1 2 3 4"]);
  });

  test("drops as many old messages as a new one needs", () => {
    const [router, slow] = broadcast("drop-oldest", roomFor(3));
    send(router, "1 2 ten_chars! 4");
    assert.deepEqual(slow!.pipe.drops, { overflow: 2 });
    assert.equal(written(slow!), "ten_chars! 4");
  });

  test("drops the newest instead, if told so", () => {
    const [router, slow, fast] = broadcast("drop-newest", roomFor(2), roomFor(9));
    assert.deepEqual(send(router, "1 2 3 4"), []);
    assert.deepEqual(slow!.pipe.drops, { overflow: 2 });
    assert.deepEqual([slow!, fast!].map(written), ["1 2", "1 2 3 4"]);
  });

  test("waits instead, if told so, and nobody gets the message twice", () => {
    const [router, slow, fast] = broadcast("block", roomFor(2), roomFor(9));
    assert.deepEqual(send(router, "1 2 3"), ["3"]);
    slow!.pipe.flush();
    assert.deepEqual(send(router, "3"), []);
    assert.deepEqual([slow!, fast!].map(written), ["1 2 3", "1 2 3"]);
    assert.deepEqual(slow!.pipe.drops, {});
  });

  test("waits for nobody who has gone", () => {
    const [router, slow] = broadcast("block", roomFor(1), {});
    assert.deepEqual(send(router, "1 2"), ["2"]);
    router.detach(slow!.pipe);
    assert.deepEqual(send(router, "2"), []);
  });

  test("never drops what the connection holds already, and stays within one message beyond it", () => {
    const [router, slow] = broadcast("drop-oldest", roomFor(2));
    slow!.connection.stuck = true;
    send(router, "1 2");
    slow!.pipe.flush();
    send(router, "3 4 5");
    assert.equal(slow!.pipe.queuedMessages, 3);
    assert.deepEqual(slow!.pipe.drops, { overflow: 2 });
    assert.equal(written(slow!), "1 2 5");
  });
});

describe("a reply", () => {
  test("goes to the peer that the question came from", () => {
    const [a, b] = [mockPipe(), mockPipe()];
    const router = new ReplyToOrigin();
    assert.equal(router.send({ pipe: b.pipe, message: utf8("1") }), true);
    assert.deepEqual([a, b].map(written), ["", "1"]);
  });

  test("to a peer that has gone is dropped and counted, and succeeds", () => {
    const { pipe, host } = mockPipe();
    pipe.destroy();
    assert.equal(new ReplyToOrigin().send({ pipe, message: utf8("1") }), true);
    assert.deepEqual(pipe.drops, { "peer-gone": 1 });
    assert.deepEqual(host.calls, ["closing", "closed", "peer-gone 1"]);
  });
});
