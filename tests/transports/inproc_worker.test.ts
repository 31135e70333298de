/** `inproc://` across threads: sockets here and in workers, of each kind that the runtime has. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { attachInproc, Pair, Pub, Pull, Push, Rep, Req, Sub, transfer } from "../../mod.ts";
import { patience, toText, watch } from "../conformance/stage.ts";
import { spError } from "../helpers/errors.ts";
import { run } from "../helpers/process.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { freshName, KINDS, Thread } from "./threads.ts";

const MIB = 1024 * 1024;
const SOON = { reconnectMin: 5, reconnectMax: 50 };

for (const kind of KINDS) {
  const name = (what: string): string => `${kind}: ${what}`;

  test(name("a socket here asks one in a worker"), async () => {
    const address = freshName();
    await using thread = new Thread(kind);
    await using req = new Req();
    req.connect(address);
    const answers = Promise.all([req.request("one"), req.request("two")]);
    await thread.tell({ do: "open", type: "rep" });
    assert.deepEqual(await thread.tell({ do: "bind", address }), { ok: address });
    await thread.tell({ do: "serve" });
    assert.deepEqual((await answers).map(toText), ["ONE", "TWO"]);
  });

  test(
    name("a socket in a worker asks one here, which it dialled before there was one"),
    async () => {
      const address = freshName();
      await using thread = new Thread(kind);
      await thread.tell({ do: "open", type: "req" });
      await thread.tell({ do: "connect", address });
      const answer = thread.tell({ do: "ask", text: "hello" });
      await using rep = new Rep();
      await rep.bind(address);
      rep.serve((text) => `${toText(text)}, worker`);
      assert.deepEqual(await answer, { ok: "hello, worker" });
    },
  );

  test(name("two workers reach each other, in either order"), async () => {
    for (const bindsFirst of [true, false]) {
      const address = freshName();
      await using left = new Thread(kind);
      await using right = new Thread(kind);
      await left.tell({ do: "open", type: "push" });
      await right.tell({ do: "open", type: "pull" });
      if (bindsFirst) await right.tell({ do: "bind", address });
      await left.tell({ do: "connect", address });
      if (!bindsFirst) await right.tell({ do: "bind", address });
      const sent = left.tell({ do: "send", count: 3, size: 100_000 });
      const got = [[100_000, 0], [100_000, 1], [100_000, 2]];
      assert.deepEqual(await right.tell({ do: "receive", count: 3 }), { ok: got });
      assert.deepEqual(await sent, { ok: undefined });
    }
  });

  test(name("a worker's worker reaches this thread"), async () => {
    const address = freshName();
    await using thread = new Thread(kind);
    await using rep = new Rep();
    await rep.bind(address);
    rep.serve((text) => text);
    assert.deepEqual(await thread.tell({ do: "nest", address }), { ok: "from far below" });
  });

  test(name("one socket publishes to several workers"), async () => {
    const address = freshName();
    await using one = new Thread(kind);
    await using other = new Thread(kind);
    await using pub = new Pub({ overflow: "block" });
    await pub.bind(address);
    for (const thread of [one, other]) {
      await thread.tell({ do: "open", type: "sub", options: { subscribe: "" } });
      await thread.tell({ do: "connect", address });
    }
    await pub.peers(2, { signal: patience() });
    // What goes to several is nobody's alone, and is copied for each.
    await pub.send(transfer(new Uint8Array(MIB).fill(7)));
    await pub.send(new Uint8Array(10).fill(8));
    for (const thread of [one, other]) {
      const got = [[MIB, 7], [10, 8]];
      assert.deepEqual(await thread.tell({ do: "receive", count: 2 }), { ok: got });
    }
  });

  test(name("a name is bound once in all threads, and free when it is closed"), async () => {
    const address = freshName();
    await using one = new Thread(kind);
    await using other = new Thread(kind);
    await using pull = new Pull();
    for (const thread of [one, other]) await thread.tell({ do: "open", type: "pull" });

    const listener = await pull.bind(address);
    assert.deepEqual(await one.tell({ do: "bind", address }), { error: "EADDRINUSE" });
    await listener.close();
    assert.deepEqual(await one.tell({ do: "bind", address }), { ok: address });
    assert.deepEqual(await other.tell({ do: "bind", address }), { error: "EADDRINUSE" });
    assert.deepEqual(await one.tell({ do: "bind", address }), { error: "EADDRINUSE" });
    await assert.rejects(pull.bind(address), spError("EADDRINUSE", address));
    await one.worker.terminate();
    // The name is free once the end of its thread is noticed.
    for (;;) {
      try {
        return void await pull.bind(address);
      } catch {
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
  });

  test(name("a message that is not given away stays as it is"), async () => {
    const address = freshName();
    await using thread = new Thread(kind);
    await thread.tell({ do: "open", type: "pull" });
    await thread.tell({ do: "bind", address });
    await using push = new Push();
    push.connect(address);
    const whole = new Uint8Array(4 * MIB).fill(1);
    const part = whole.subarray(MIB, 2 * MIB);
    part[0] = 2;
    const shared = new Uint8Array(new SharedArrayBuffer(100_000)).fill(3);
    const messages = [whole, part, shared, new Uint8Array(3).fill(4), new Uint8Array(0)];
    const got = messages.map((message) => [message.length, message[0] ?? null]);
    const sent = Promise.all(messages.map((message) => push.send(message)));
    const reply = await thread.tell({ do: "receive", count: messages.length });
    assert.deepEqual(JSON.parse(JSON.stringify(reply)), { ok: got });
    await sent;
    assert.deepEqual([whole.length, part[0], shared[0]], [4 * MIB, 2, 3]);
  });

  test(
    name("a message that is given away is detached, and arrives whole, either way"),
    async () => {
      const address = freshName();
      await using thread = new Thread(kind);
      await thread.tell({ do: "open", type: "pull" });
      await thread.tell({ do: "bind", address });
      await using push = new Push();
      push.connect(address);
      for (const size of [8 * MIB, 20_000, 10, 0]) {
        const message = new Uint8Array(size).fill(9);
        await push.send(transfer(message));
        assert.equal(message.length, 0);
        const reply = await thread.tell({ do: "receive", count: 1 });
        assert.equal((reply as { ok: number[][] }).ok[0]![0], size);
      }

      const back = freshName();
      await using pull = new Pull();
      await pull.bind(back);
      await thread.tell({ do: "open", type: "push" });
      await thread.tell({ do: "connect", address: back });
      const sent = thread.tell({ do: "send", count: 3, size: 5 * MIB, transfer: true });
      for (let i = 0; i < 3; i++) {
        const message = await pull.receive();
        assert.equal(message.length, 5 * MIB);
        assert.ok(message.every((byte) => byte === i));
        assert.equal(message.buffer.byteLength, message.length);
      }
      await sent;
    },
  );

  test(
    name("a worker that does not read pushes the sender back, and then gets it all"),
    async () => {
      const address = freshName();
      await using thread = new Thread(kind);
      await thread.tell({ do: "open", type: "pull" });
      await thread.tell({ do: "bind", address });
      await using push = new Push({ sendTimeout: 300 });
      push.connect(address);
      await push.peers(1, { signal: patience() });
      const body = new Uint8Array(64 * 1024);
      let count = 0;
      await assert.rejects(async () => {
        for (; count < 1000; count++) await push.send(body.fill(count));
      }, spError("ETIMEDOUT"));
      const waiting = count * body.length;
      assert.ok(waiting < 4 * MIB, `${waiting} bytes were taken for a reader that does not read`);
      const got = Array.from({ length: count }, (_, i) => [body.length, i]);
      // Bodies are sent by reference: what was not on its way yet shows the last number.
      const reply = await thread.tell({ do: "receive", count }) as { ok: number[][] };
      assert.deepEqual(reply.ok.map(([length]) => length), got.map(([length]) => length));
      await push.send("and more");
    },
  );

  test(name("a worker that is pushed back by this thread goes on when it reads"), async () => {
    const address = freshName();
    await using pull = new Pull();
    await pull.bind(address);
    await using thread = new Thread(kind);
    await thread.tell({ do: "open", type: "push" });
    await thread.tell({ do: "connect", address });
    const sent = thread.tell({ do: "send", count: 10_000, size: 1000 });
    for (let i = 0; i < 10_000; i++) {
      const message = await pull.receive();
      assert.equal(message.length, 1000);
      assert.equal(message[0], i & 0xff);
    }
    assert.deepEqual(await sent, { ok: undefined });
  });

  for (const how of ["is terminated", "ends itself"] as const) {
    test(name(`when a worker ${how}, its peers are told, and dial its successor`), async () => {
      const address = freshName();
      await using req = new Req(SOON);
      const log = watch(req);
      req.connect(address);
      await using first = new Thread(kind);
      await first.tell({ do: "open", type: "rep" });
      await first.tell({ do: "bind", address });
      await first.tell({ do: "serve" });
      assert.equal(toText(await req.request("first")), "FIRST");
      // A worker connected to it loses its peer too.
      await using other = new Thread(kind);
      await other.tell({ do: "open", type: "req", options: SOON });
      await other.tell({ do: "connect", address });
      await other.tell({ do: "ask", text: "other" });

      if (how === "is terminated") first.worker.terminate();
      else first.tell({ do: "exit" });
      assert.equal((await log.next("detached")).reason?.code, "ECONNRESET");
      assert.deepEqual(await other.tell({ do: "event", type: "detached" }), { ok: "ECONNRESET" });

      await using second = new Thread(kind);
      await second.tell({ do: "open", type: "rep" });
      await second.tell({ do: "bind", address });
      await second.tell({ do: "serve" });
      assert.equal(toText(await req.request("second")), "SECOND");
      assert.deepEqual(await other.tell({ do: "ask", text: "again" }), { ok: "AGAIN" });
    });
  }

  test(name("a peer that closes in order is no error, in either thread"), async () => {
    const address = freshName();
    await using thread = new Thread(kind);
    const pull = new Pull();
    await pull.bind(address);
    const log = watch(pull);
    await thread.tell({ do: "open", type: "push", options: SOON });
    await thread.tell({ do: "connect", address });
    await log.next("attached");
    await pull.close();
    assert.deepEqual(await thread.tell({ do: "event", type: "detached" }), { ok: "" });

    await using next = new Pull();
    const nextLog = watch(next);
    await next.bind(address);
    await nextLog.next("attached");
    await thread.tell({ do: "close" });
    assert.equal((await nextLog.next("detached")).reason, undefined);
  });

  test(name("a peer of another protocol is refused in both threads"), async () => {
    const address = freshName();
    await using thread = new Thread(kind);
    await using pair = new Pair();
    await pair.bind(address);
    const log = watch(pair);
    await thread.tell({ do: "open", type: "push" });
    await thread.tell({ do: "connect", address });
    assert.equal((await log.next("rejected")).reason.code, "EPROTO");
    assert.deepEqual(await thread.tell({ do: "event", type: "connect-failed" }), { ok: "EPROTO" });
  });

  test(
    name("threads that are taken apart lose their connections, and can be attached again"),
    async () => {
      const address = freshName();
      await using thread = new Thread(kind);
      await using sub = new Sub({ subscribe: "", ...SOON });
      const log = watch(sub);
      sub.connect(address);
      await thread.tell({ do: "open", type: "pub" });
      await thread.tell({ do: "bind", address });
      await log.next("attached");
      await thread.tell({ do: "peers", count: 1 });
      thread.attachment.close();
      assert.equal((await log.next("detached")).reason?.code, "ECONNRESET");
      assert.deepEqual(await thread.tell({ do: "event", type: "detached" }), { ok: "ECONNRESET" });

      await thread.tell({ do: "attach" });
      attachInproc(thread.worker);
      await log.next("attached", () => log.of("attached").length === 2);
      await thread.tell({ do: "peers", count: 1 });

      const { closed } = attachInproc(thread.worker);
      await thread.tell({ do: "detach" });
      await log.next("detached", () => log.of("detached").length === 2);
      await closed;
    },
  );

  test(
    name("a name that both threads had bound before they were attached is told of"),
    async () => {
      const address = freshName();
      await using thread = new Thread(kind);
      await thread.tell({ do: "open", type: "pull" });
      await thread.tell({ do: "detach" });
      await thread.attachment.closed;
      assert.deepEqual(await thread.tell({ do: "bind", address }), { ok: address });
      await using pull = new Pull();
      await pull.bind(address);
      await thread.tell({ do: "attach" });
      attachInproc(thread.worker);
      assert.deepEqual(await thread.tell({ do: "event", type: "accept-failed" }), {
        ok: "EADDRINUSE",
      });
    },
  );

  test(name("a worker's own listeners hear nothing of it"), async () => {
    await using thread = new Thread(kind);
    assert.deepEqual(await thread.tell({ do: "heard" }), { ok: [["do"]] });
  });
}

test("a worker goes on for its sockets alone, and ends by itself when they are closed", async () => {
  const address = freshName();
  await using thread = new Thread("node:worker_threads");
  await thread.tell({ do: "open", type: "rep" });
  await thread.tell({ do: "bind", address });
  await thread.tell({ do: "serve" });
  let hasEnded = false;
  thread.ended.then(() => hasEnded = true);
  thread.worker.postMessage("end", [] as never);
  for (let i = 0; i < 10; i++) {
    await using req = new Req();
    req.connect(address);
    await req.request("are you there?");
  }
  assert.equal(hasEnded, false);
  await using last = new Req();
  last.connect(address);
  assert.equal(toText(await last.request("close")), "CLOSE");
  await thread.ended;
});

test("a process with workers ends by itself when all sockets are closed", async () => {
  const file = join(import.meta.dirname!, "workers", "program.ts");
  const { code, stdout, stderr } = await run(CURRENT.command, [...CURRENT.args, file]);
  assert.deepEqual([code, stdout.toString()], [0, "pong 1\npong 2\n"], stderr);
});

test("what is no worker cannot be attached", () => {
  for (const wrong of [null, 1, "worker", {}]) {
    assert.throws(() => attachInproc(wrong as never), spError("EINVAL", "expected a Worker"));
  }
});

test("a thread that nobody made has nobody to be attached to", () => {
  assert.throws(() => attachInproc(), spError("ESTATE", "attachInproc(worker)"));
});

test("to attach a worker twice is to attach it once", async () => {
  await using thread = new Thread("node:worker_threads");
  assert.equal(attachInproc(thread.worker), thread.attachment);
});
