/** How nngcat understands command lines. The error texts are recorded from nngcat 1.5.2. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure } from "../../cli/lib/failure.ts";
import { parseCommand } from "../../cli/nngcat/command.ts";
import { helpText } from "../../cli/nngcat/help.ts";
import type { Settings } from "../../cli/nngcat/settings.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Files, by name; one of them cannot be opened, another is a folder. */
function reader(path: string): Promise<Uint8Array> {
  if (path === "missing") return Promise.reject(Object.assign(new Error(), { code: "ENOENT" }));
  if (path === "folder") return Promise.reject(Object.assign(new Error(), { code: "EISDIR" }));
  return Promise.resolve(bytes(`content of ${path}`));
}

/** The settings of a command line, split at its spaces. */
async function settings(line: string): Promise<Settings> {
  const command = await parseCommand(line.split(" "), reader);
  return command.kind === "socket" ? command.settings : assert.fail(command.kind);
}

/** What is printed for a command line that is wrong. */
async function complaint(line: string): Promise<string> {
  try {
    await parseCommand(line === "" ? [] : line.split(" "), reader);
  } catch (error) {
    assert.ok(error instanceof Failure);
    assert.equal(error.exitCode, 1);
    return error.message;
  }
  assert.fail(`${line} was accepted`);
}

async function assertComplaints(lines: Readonly<Record<string, string>>): Promise<void> {
  for (const [line, expected] of Object.entries(lines)) {
    assert.equal(await complaint(line), expected, line);
  }
}

describe("nngcat understands", () => {
  test("a minimal command line, and leaves the rest at nng's defaults", async () => {
    assert.deepEqual(await settings("--pull0 --listen tcp://*:5555"), {
      protocol: "pull",
      endpoints: [{ side: "listen", address: "tcp://*:5555" }],
      isVerbose: false,
      isAsync: false,
      subscriptions: [],
      format: "no",
      interval: Infinity,
      receiveTimeout: Infinity,
      sendTimeout: Infinity,
      maxMessageSize: Infinity,
      delay: 0,
      data: undefined,
      tls: {},
    });
  });

  test("long options with =, with : and with a space, short ones with and without", async () => {
    for (const data of ["--data=a:b", "--data:a:b", "--data a:b", "-D a:b", "-Da:b"]) {
      assert.deepEqual((await settings(`--push0 -L 1 ${data}`)).data, bytes("a:b"));
    }
    assert.deepEqual((await settings("--push0 -L 1 --data=")).data, bytes(""));
    assert.deepEqual((await settings("--push0 -L 1 -D=x")).data, bytes("=x"));
    assert.deepEqual((await settings("--push0 -L 1 --data --dial")).data, bytes("--dial"));
  });

  test("every protocol by its name, and by the alias that is its abbreviation", async () => {
    const names = "req rep push pull pub sub surveyor respondent bus".split(" ");
    for (const name of names) {
      const data = ["req", "push", "pub", "surveyor"].includes(name) ? "-D x" : "-v";
      for (const flag of [name, `${name}0`]) {
        assert.equal((await settings(`--${flag} -L 1 ${data}`)).protocol, name);
      }
    }
  });

  test("--pair as version 1, or 0 where it is compatible with nanomsg", async () => {
    const is = async (flags: string) => (await settings(`${flags} -L 1`)).protocol;
    assert.equal(await is("--pair0"), "pair");
    assert.equal(await is("--pair1"), "pair1");
    assert.equal(await is("--pair"), "pair1");
    assert.equal(await is("--pair --compat"), "pair");
    assert.equal(await is("--pair0 --compat"), "pair");
  });

  test("abbreviations that are not ambiguous", async () => {
    const line = "--resp --bind-l 1 --da x --recv-t=1 --send:2 --msg --coun 3 --del 4 --as";
    const { data, receiveTimeout, sendTimeout, format, count } = await settings(
      line.replace(" --as", " --asy"),
    );
    assert.deepEqual({ data, receiveTimeout, sendTimeout, format, count }, {
      data: bytes("x"),
      receiveTimeout: 1000,
      sendTimeout: 2000,
      format: "msgpack",
      count: 3,
    });
  });

  test("addresses in each way, in the order in which they stand", async () => {
    const line = "--pull --dial a --listen b --connect c --bind d -x e -X /f -l 07 -L 8 " +
      "--connect-ipc=g --bind-ipc h --connect-local 9 --bind-local:10";
    const { endpoints } = await settings(line);
    assert.deepEqual(endpoints.map(({ side, address }) => `${side} ${address}`), [
      "dial a",
      "listen b",
      "dial c",
      "listen d",
      "dial ipc:///e",
      "listen ipc:////f",
      "dial tcp://127.0.0.1:7",
      "listen tcp://127.0.0.1:8",
      "dial ipc:///g",
      "listen ipc:///h",
      "dial tcp://127.0.0.1:9",
      "listen tcp://127.0.0.1:10",
    ]);
  });

  test("times in whole seconds, and 0 as no limit", async () => {
    const timed = await settings("--req -L 1 -D x -i 2 -d 86400 --recv-timeout 3 --send-timeout 4");
    assert.equal(timed.interval, 2000);
    assert.equal(timed.delay, 86_400_000);
    assert.equal(timed.receiveTimeout, 3000);
    assert.equal(timed.sendTimeout, 4000);
    const free = await settings("--req -L 1 -D x -i 0 --recv-timeout 0 --send-timeout 0 -C 0 -Z 0");
    assert.equal(free.interval, 0);
    assert.equal(free.receiveTimeout, Infinity);
    assert.equal(free.sendTimeout, Infinity);
    assert.equal(free.count, undefined);
    assert.equal(free.maxMessageSize, 0x7fff_ffff);
    assert.equal((await settings("--pull -L 1 --recv-maxsz=5")).maxMessageSize, 5);
  });

  test("--delay for those who speak first alone", async () => {
    for (const line of ["--pull", "--rep -D x", "--respondent -D x", "--pair0", "--bus"]) {
      assert.equal((await settings(`${line} -L 1 -d 1`)).delay, 0, line);
    }
    for (const line of ["--push", "--pub", "--req", "--surveyor", "--pair1", "--bus"]) {
      assert.equal((await settings(`${line} -D x -L 1 -d 1`)).delay, 1000, line);
    }
  });

  test("the last of --verbose and --silent", async () => {
    assert.equal((await settings("--pull -L 1 -q -v")).isVerbose, true);
    assert.equal((await settings("--pull -L 1 -v -q")).isVerbose, false);
  });

  test("--async, and --compat as that", async () => {
    assert.equal((await settings("--pull -L 1 --async")).isAsync, true);
    assert.equal((await settings("--pull -L 1 --compat")).isAsync, true);
  });

  test("files, as data and for TLS; a key only with a certificate", async () => {
    assert.deepEqual((await settings("--push -L 1 -F name")).data, bytes("content of name"));
    const { tls } = await settings("--pull -L 1 --cert a -k --key b --cacert c");
    assert.deepEqual(tls, {
      cert: "content of a",
      insecure: true,
      key: "content of b",
      cacert: "content of c",
    });
    assert.deepEqual((await settings("--pull -L 1 --key b")).tls, {});
  });

  test("--socket-name and --zt-home, and ignores them", async () => {
    assert.equal((await settings("--pull -L 1 --socket-name x --zt-home=y")).protocol, "pull");
  });

  test("options up to the first word that is none", async () => {
    assert.equal((await settings("--pull -L 1 stop --foo")).protocol, "pull");
    assert.equal((await settings("--pull -L 1 - --foo")).protocol, "pull");
  });

  test("--help and --version, whatever follows", async () => {
    assert.deepEqual(await parseCommand(["--pull", "-h", "--foo"], reader), { kind: "help" });
    assert.deepEqual(await parseCommand(["-V", "--foo"], reader), { kind: "version" });
  });
});

describe("nngcat refuses", () => {
  test("options that it does not have, that are not clear, or that stand together", () =>
    assertComplaints({
      "--foo=1": "Option --foo=1 is invalid.",
      "-z": "Option -z is invalid.",
      "-qv": "Option -qv is invalid.",
      "--silent=x": "Option --silent=x is invalid.",
      "--re --dial=x": "Option --re is ambiguous (specify in full).",
      "--p=1": "Option --p=1 is ambiguous (specify in full).",
      "--": "Option -- is ambiguous (specify in full).",
    }));

  test("what lacks an argument, an address or a protocol", () =>
    assertComplaints({
      "--dial": "Option --dial requires argument.",
      "--push0 -D": "Option -D requires argument.",
      "": "No address specified.",
      "--push0": "No address specified.",
      "-L 1": "No protocol specified.",
    }));

  test("what is there twice", () =>
    assertComplaints({
      "--pub0 --sub0": "Only one protocol may be specified.",
      "--pair --pair0": "Only one protocol may be specified.",
      "-A --hex": "Format may be specified only once.",
      "-D x -F y": "Data (--file, --data) may be specified only once.",
      "--cacert a --cacert b": "CA Certificate (--cacert) may be specified only once.",
      "--key a --key b": "Key (--key) may be specified only once.",
      "-E a --cert b": "Cert (--cert) may be specified only once.",
    }));

  test("numbers that are none", () =>
    assertComplaints({
      "--count=": "Empty integer argument.",
      "--count xyz": "Integer argument expected.",
      "--delay 0.5": "Integer argument expected.",
      "--delay 86401": "Integer argument too large.",
      "-L 65537": "Integer argument too large.",
      "--recv-maxsz 2147483648": "Integer argument overflow.",
      "--count 99999999999999999999": "Integer argument overflow.",
    }));

  test("files that it cannot read, before what follows", () =>
    assertComplaints({
      "-F missing --foo": "Cannot open file missing: No such file or directory",
      "--cert folder": "Read from folder failed: Is a directory",
    }));

  test("what a protocol, or --compat, does not have", () =>
    assertComplaints({
      "--compat --async -L 1": "Options --async and --compat are incompatible.",
      "--compat -C 1 -L 1": "Options --count and --compat are incompatible.",
      "--compat --pair1 -L 1": "Protocol does not support --compat.",
      "--req0 -L 1 --subscribe=x": "Protocol does not support --subscribe.",
      "--sub -L 1 -D x": "Protocol does not support --file or --data.",
      "--pull -L 1 -i 1": "Protocol does not support --interval.",
      "--rep -L 1 -i 1": "Protocol does not support --interval.",
      "--push -L 1 -A": "Protocol does not support --format options.",
      "--pub -L 1": "Protocol requires either --file or --data.",
      "--surveyor -L 1": "Protocol requires either --file or --data.",
      "--pair -L 1 -i 1": "Option --interval requires either --file or --data.",
      "--pull -L 1 --format x": "Invalid format specified.",
    }));
});

test("nngcat's help begins with its usage, and fits a terminal of 80 columns", () => {
  assert.match(helpText(), /^Usage: nngcat <proto> <addr>\.\.\. /);
  for (const line of helpText().split("\n")) assert.ok(line.length <= 80, line);
});
