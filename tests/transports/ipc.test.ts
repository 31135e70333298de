/** `ipc://`: whose file a socket's is, and what its path means. */

import assert from "node:assert/strict";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Socket as NetSocket } from "node:net";
import { dirname, join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { Pair, Pull, Push } from "../../mod.ts";
import { registerTransport } from "../../src/surface/transports.ts";
import { IpcTransport } from "../../transports/ipc.ts";
import type { StreamRuntime } from "../../transports/runtime.ts";
import { text } from "../helpers/bytes.ts";
import { spError } from "../helpers/errors.ts";
import { run, start } from "../helpers/process.ts";
import { CURRENT, RUNTIMES } from "../helpers/runtimes.ts";
import { HERE } from "../runtime/adapters.ts";
import { assertReaches, Folder, knock, leaveStale, skip, WORKERS } from "./ipc_stage.ts";

for (const runtime of HERE) {
  const by = `by the ${runtime.name} adapter`;
  const choose = (): void => registerTransport(new IpcTransport(() => runtime));

  test(`close leaves the file of a socket that was bound to the path since, ${by}`, {
    skip,
  }, async () => {
    choose();
    using folder = new Folder();
    const path = folder.at("socket");
    await using first = new Pull();
    await using second = new Pull();
    const listener = await first.bind(`ipc://${path}`);
    rmSync(path);
    await second.bind(`ipc://${path}`);
    await listener.close();
    await assertReaches(second, path);
    await second.close();
    assert.deepEqual(folder.names, []);
  });

  test(`close leaves whatever else has come to be at the path, ${by}`, { skip }, async () => {
    choose();
    using folder = new Folder();
    const path = folder.at("socket");
    for (const come of [() => writeFileSync(path, "a file"), () => mkdirSync(path), () => {}]) {
      await using pull = new Pull();
      const listener = await pull.bind(`ipc://${path}`);
      renameSync(path, folder.at("moved"));
      come();
      const there = existsSync(path);
      await listener.close();
      assert.equal(existsSync(path), there);
      rmSync(path, { recursive: true, force: true });
      rmSync(folder.at("moved"), { force: true });
      assert.deepEqual(folder.names, []);
    }
  });

  test(`a relative path means what it meant when it was bound or connected to, ${by}`, {
    skip,
  }, async () => {
    choose();
    using folder = new Folder();
    mkdirSync(folder.at("elsewhere"));
    const before = process.cwd();
    try {
      process.chdir(folder.path);
      await using pull = new Pull();
      const listener = await pull.bind("ipc://socket");
      assert.equal(listener.address, "ipc://socket");
      await using push = new Push({ reconnectMin: 5, reconnectMax: 5 });
      push.connect("ipc://socket");
      await push.peers(1);
      assert.equal(push.stats().peers[0]!.remoteAddress, "ipc://socket");
      process.chdir(folder.at("elsewhere"));
      writeFileSync("socket", "not ours");
      await listener.close();
      assert.deepEqual(folder.names, ["elsewhere"]);
      assert.ok(existsSync("socket"));
      // It is found again where it was, and not here.
      await using again = new Pull();
      await again.bind(`ipc://${folder.at("socket")}`);
      // Then it has noticed that the first one is gone.
      await again.peers(1);
      await push.send("found");
      assert.equal(text(await again.receive()), "found");
    } finally {
      process.chdir(before);
    }
  });

  test(`a server with a full backlog is alive, ${by}`, { skip }, async () => {
    choose();
    using folder = new Folder();
    const path = folder.at("socket");
    const { command, args } = RUNTIMES.find(({ name }) => name === "node")!;
    const server = start(command, [...args, join(WORKERS, "full_backlog.ts"), path]);
    await using _ = server;
    await server.line(/listening/);
    const sockets: NetSocket[] = [];
    for (let code = "connected"; code === "connected";) {
      const knocked = await knock(path);
      sockets.push(knocked.socket);
      code = knocked.code;
      assert.ok(sockets.length < 1000, "the backlog is never full");
    }
    const { ino } = lstatSync(path);
    await using pull = new Pull();
    await assert.rejects(pull.bind(`ipc://${path}`), spError("EADDRINUSE", "somebody listens"));
    assert.equal(lstatSync(path).ino, ino);
    // Once it is gone, its file is there to be taken.
    server.kill("SIGKILL");
    await server.exited;
    for (const socket of sockets) socket.destroy();
    await pull.bind(`ipc://${path}`);
    await assertReaches(pull, path);
  });

  test(`a server of our own with a full backlog is alive as well, ${by}`, {
    skip: skip || process.platform !== "linux" && "only Linux tells a full backlog",
  }, async () => {
    choose();
    using folder = new Folder();
    const { command, args } = CURRENT;
    const racer = join(WORKERS, "racer.ts");
    const server = start(command, [...args, racer, folder.path, "1", "0", "0"]);
    await using _ = server;
    await server.line(/bound/);
    server.kill("SIGSTOP");
    const path = folder.at("0");
    const sockets: NetSocket[] = [];
    for (let code = "connected"; code === "connected";) {
      const knocked = await knock(path);
      sockets.push(knocked.socket);
      code = knocked.code;
      assert.ok(sockets.length < 10_000, "the backlog is never full");
    }
    await using pull = new Pull();
    await assert.rejects(pull.bind(`ipc://${path}`), spError("EADDRINUSE", "somebody listens"));
    for (const socket of sockets) socket.destroy();
  });

  test(`the file's mode is 0600 whatever the umask, or the option's, ${by}`, {
    skip,
  }, async () => {
    choose();
    using folder = new Folder();
    const modeOf = (name: string): number => lstatSync(folder.at(name)).mode & 0o777;
    await using pull = new Pull({ ipc: { mode: 0o660 } });
    await using plain = new Pull();
    const before = process.umask(0);
    try {
      for (const umask of [0, 0o022, 0o277]) {
        process.umask(umask);
        await pull.bind(`ipc://${folder.at(`own ${umask}`)}`, { ipc: { mode: 0o640 } });
        await pull.bind(`ipc://${folder.at(`shared ${umask}`)}`);
        await plain.bind(`ipc://${folder.at(`plain ${umask}`)}`);
        const modes = ["own", "shared", "plain"].map((name) => modeOf(`${name} ${umask}`));
        assert.deepEqual(modes, [0o640, 0o660, 0o600], `umask ${umask.toString(8)}`);
        assert.equal(process.umask(umask), umask);
      }
    } finally {
      process.umask(before);
    }
    await assertReaches(pull, folder.at("own 0"));
    await pull.close();
    await plain.close();
    assert.deepEqual(folder.names, []);
  });

  test(`nobody else reaches a socket before it has its mode, however long its path, ${by}`, {
    skip,
  }, async () => {
    using folder = new Folder();
    const seen: [atPath: boolean, open: boolean][] = [];
    let path = "";
    // Bound, and nothing else done yet.
    const watched: StreamRuntime = {
      ...runtime,
      listen: async (target, options, sink) => {
        const listening = runtime.listen(target, options, sink);
        assert.ok(target.kind === "unix");
        const listener = await listening;
        const isOpen = (file: string): boolean => (lstatSync(file).mode & 0o077) !== 0;
        seen.push([existsSync(path), isOpen(target.path) && isOpen(dirname(target.path))]);
        return listener;
      },
    };
    registerTransport(new IpcTransport(() => watched));
    const before = process.umask(0);
    try {
      for (const length of [folder.path.length + 2, 106]) {
        const deep = folder.at("x".repeat(Math.max(1, length - folder.path.length - 3)));
        mkdirSync(deep, { mode: 0o755 });
        path = `${deep}/s`;
        await using pull = new Pull();
        await pull.bind(`ipc://${path}`);
        assert.equal(process.umask(0), 0);
      }
    } finally {
      process.umask(before);
    }
    assert.deepEqual(seen, [[false, false], [true, false]]);
  });

  test(`a path is taken that leaves no room for another name, ${by}`, { skip }, async () => {
    choose();
    using folder = new Folder();
    // Bun itself takes one byte less: it wants room for a closing zero byte.
    const length = runtime.name === "bun" || CURRENT.name === "bun" ? 106 : 107;
    const deep = folder.at("x".repeat(length - folder.path.length - 3));
    mkdirSync(deep);
    const path = `${deep}/s`;
    assert.equal(path.length, length);
    await leaveStale(folder.at("stale"));
    renameSync(folder.at("stale"), path);
    await using pull = new Pull({ ipc: { mode: 0o600 } });
    await using other = new Pull();
    await pull.bind(`ipc://${path}`);
    assert.equal(lstatSync(path).mode & 0o777, 0o600);
    await assert.rejects(other.bind(`ipc://${path}`), spError("EADDRINUSE", "somebody listens"));
    await assertReaches(pull, path);
    await pull.close();
    assert.deepEqual(readdirSync(deep), []);
  });

  test(`a relative path may be short where the whole one is too long, ${by}`, {
    skip,
  }, async () => {
    choose();
    using folder = new Folder();
    const deep = folder.at("x".repeat(120));
    mkdirSync(deep);
    const before = process.cwd();
    try {
      process.chdir(deep);
      await using pull = new Pull();
      await pull.bind("ipc://socket");
      await assertReaches(pull, "socket");
      await pull.close();
      assert.deepEqual(readdirSync(deep), []);
    } finally {
      process.chdir(before);
    }
  });

  test(`unix:// means the same as ipc://, and keeps its name, ${by}`, { skip }, async () => {
    choose();
    using folder = new Folder();
    const path = folder.at("socket");
    await using a = new Pair();
    await using b = new Pair();
    assert.equal((await a.bind(`unix://${path}`)).address, `unix://${path}`);
    b.connect(`ipc://${path}`);
    await b.send("there");
    assert.equal(text(await a.receive()), "there");
    assert.equal(a.stats().peers[0]!.remoteAddress, `unix://${path}`);
    assert.equal(b.stats().peers[0]!.remoteAddress, `ipc://${path}`);
    await using other = new Pair();
    await assert.rejects(other.bind(`unix://${path}`), spError("EADDRINUSE", `"unix://${path}"`));
    await assert.rejects(other.bind("unix://"), spError("EINVAL", "after unix://"));
  });
}

for (const scheme of ["tcp", "ipc", "ws"]) {
  test(`a process without a file descriptor left is told so, over ${scheme}`, {
    skip,
  }, async () => {
    using folder = new Folder();
    const address = scheme === "ipc" ? `ipc://${folder.at("socket")}` : `${scheme}://127.0.0.1:0`;
    const { command, args } = CURRENT;
    const program = [command, ...args, join(WORKERS, "many_files.ts"), address];
    const quoted = program.map((word) => `'${word}'`).join(" ");
    const { stdout, stderr } = await run("sh", ["-c", `ulimit -n 100; exec ${quoted}`]);
    assert.deepEqual(JSON.parse(stdout.toString() || "[]"), ["EMFILE", "EMFILE"], stderr);
  });
}
