/** How command lines are understood. The error texts are recorded from nanocat 1.1.5. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Failure } from "../../cli/lib/failure.ts";
import type { Settings } from "../../cli/nanocat/flags.ts";
import { helpText } from "../../cli/nanocat/help.ts";
import { parseCommand } from "../../cli/nanocat/options.ts";

/** The settings of a command line, split at its spaces. */
function settings(line: string, program?: string): Settings {
  const command = parseCommand(line.split(" "), program);
  assert.equal(command.kind, "socket");
  return command.kind === "socket" ? command.settings : assert.fail();
}

/** What is printed for a command line that is wrong. */
function complaint(args: readonly string[], program?: string): string {
  try {
    parseCommand(args, program);
  } catch (error) {
    assert.ok(error instanceof Failure);
    assert.equal(error.exitCode, 1);
    return error.message;
  }
  assert.fail(`${args.join(" ")} was accepted`);
}

const TYPES = "push pull pub sub req rep surveyor respondent bus pair pair1 source sink".split(" ");
const SENDERS = TYPES.filter((type) => !["pull", "sub", "sink"].includes(type));
const RECEIVERS = TYPES.filter((type) => !["push", "pub", "source"].includes(type));

function flags(names: readonly string[]): string {
  return names.map((name) => `\n    --${name}`).join("");
}

describe("nanocat understands", () => {
  test("a minimal command line, and leaves the rest at its defaults", () => {
    assert.deepEqual(settings("--pull --bind tcp://*:5555"), {
      verbosity: 0,
      protocol: "pull",
      bind: ["tcp://*:5555"],
      connect: [],
      receiveTimeout: Infinity,
      sendTimeout: Infinity,
      socketName: undefined,
      subscriptions: [],
      format: "no",
      interval: Infinity,
      delay: 0,
      data: undefined,
    });
  });

  test("long options with = and with a space, and short ones with and without", () => {
    for (const data of ["--data=x", "--data x", "-D x", "-Dx"]) {
      assert.deepEqual(settings(`--push -L 1 ${data}`).data, { text: "x" });
    }
  });

  test("short options in a cluster, the last one with its argument", () => {
    const { verbosity, data, connect } = settings("--req -vvqDx -l5555");
    assert.deepEqual({ verbosity, data, connect }, {
      verbosity: 1,
      data: { text: "x" },
      connect: ["tcp://127.0.0.1:5555"],
    });
  });

  test("abbreviations that are not ambiguous", () => {
    const { data, receiveTimeout, format } = settings("--resp --bind-l 1 --dat x --recv=1 --msg");
    assert.deepEqual({ data, receiveTimeout, format }, {
      data: { text: "x" },
      receiveTimeout: 1000,
      format: "msgpack",
    });
  });

  test("the abbreviations of nanocat, although it has socket types that nanocat has not", () => {
    assert.equal(settings("--pai -L 1").protocol, "pair");
    assert.equal(settings("--pair -L 1 --so x").socketName, "x");
    assert.equal(settings("--pair -L 1 --si").verbosity, -1);
    assert.equal(settings("--pair1 -L 1").protocol, "pair1");
    assert.equal(settings("--source -D x -L 1").protocol, "source");
    assert.equal(complaint(["--pair1=2"]), "nanocat: Option --pair1=2 does not accept argument");
    assert.equal(complaint(["--sourc"]), "nanocat: Unknown option ``--sourc''");
  });

  test("a whole name even where it begins another one", () => {
    assert.deepEqual(settings("--sub --bind x --bind-ipc y").bind, ["x", "ipc://y"]);
  });

  test("arguments that look like options, or are empty", () => {
    assert.deepEqual(settings("--push -L 1 --data --pull").data, { text: "--pull" });
    assert.deepEqual(settings("--push -L 1 --data=").data, { text: "" });
    assert.deepEqual(settings("--push -L 1 -F -").data, { path: "-" });
    assert.deepEqual(settings("--push -L 1 -D a=b").data, { text: "a=b" });
  });

  test("many addresses, in the order given", () => {
    const { bind, connect } = settings("--pull -L 1 -X a --bind b -l 2 -x c --connect d");
    assert.deepEqual(bind, ["tcp://127.0.0.1:1", "ipc://a", "b"]);
    assert.deepEqual(connect, ["tcp://127.0.0.1:2", "ipc://c", "d"]);
  });

  test("many subscriptions", () => {
    assert.deepEqual(settings("--sub -l 1 --subscribe a --subscribe=b").subscriptions, ["a", "b"]);
  });

  test("times as floating point seconds, and turns them into milliseconds", () => {
    const times = settings("--pair -l 1 --recv-timeout .5 --send-timeout 1.25e1 -i 2. -d 0");
    assert.equal(times.receiveTimeout, 500);
    assert.equal(times.sendTimeout, 12_500);
    assert.equal(times.interval, 2000);
    assert.equal(times.delay, 0);
  });

  test("a negative or infinite time as no limit", () => {
    assert.equal(settings("--pull -l 1 --recv-timeout -1").receiveTimeout, Infinity);
    assert.equal(settings("--pull -l 1 --recv-timeout inf").receiveTimeout, Infinity);
    assert.equal(settings("--bus -l 1 --interval=-2").interval, Infinity);
    assert.equal(settings("--bus -l 1 --delay=-2").delay, 0);
  });

  test("each format by its flag and by --format, the last one winning", () => {
    for (const format of ["raw", "ascii", "quoted", "msgpack", "hex"]) {
      assert.equal(settings(`--pull -l 1 --${format}`).format, format);
      assert.equal(settings(`--pull -l 1 --format ${format}`).format, format);
    }
    assert.equal(settings("--pull -l 1 -A -Q").format, "quoted");
    assert.equal(settings("--pull -l 1 -A --format=no").format, "no");
  });

  test("a program name such as nn_push as the socket type", () => {
    assert.equal(settings("-Dx -l 1", "nn_push").protocol, "push");
    assert.equal(settings("-l 1", "nn_sub").protocol, "sub");
  });

  test("--help anywhere, whatever comes after it", () => {
    assert.deepEqual(parseCommand(["-h"]), { kind: "help" });
    assert.deepEqual(parseCommand(["--push", "-vqh", "--nonsense"]), { kind: "help" });
  });
});

describe("nanocat complains about", () => {
  const VECTORS: readonly (readonly [line: string, text: string])[] = [
    ["--foo", "nanocat: Unknown option ``--foo''"],
    ["--foo=1", "nanocat: Unknown option ``--foo=1''"],
    ["-vz", "nanocat: Unknown option ``-z''"],
    ["foo", "nanocat: Unexpected argument ``foo''"],
    ["--pu", "nanocat: Ambiguous option ``--pu'':\n    push\n    pull\n    pub"],
    [
      "--re=1",
      "nanocat: Ambiguous option ``--re=1'':\n    req\n    rep\n    respondent\n    recv-timeout",
    ],
    ["--bin x", "nanocat: Ambiguous option ``--bin'':\n    bind\n    bind-ipc\n    bind-local"],
    ["--push=3", "nanocat: Option --push=3 does not accept argument"],
    ["--data", "nanocat: Option --data requires an argument"],
    ["--push --bind-l", "nanocat: Option --bind-l[ocal] requires an argument"],
    ["-D", "nanocat: Option -D (--data) requires an argument"],
    ["--recv abc", "nanocat: Option --recv[-timeout] requires float point argument"],
    ["--recv-timeout 1s", "nanocat: Option --recv-timeout requires float point argument"],
    ["-d=1", "nanocat: Option -d (--delay) requires float point argument"],
    [
      "--form=foo",
      "nanocat: Invalid value ``foo'' for --form[at] . Options are:" +
      "\n    no\n    raw\n    ascii\n    quoted\n    msgpack\n    hex",
    ],
    [
      "--push --pull",
      "nanocat: Option --pull conflicts with the following options:\n    --push ",
    ],
    [
      "--push --push",
      "nanocat: Option --push conflicts with the following options:\n    --push ",
    ],
    [
      "--dat=x --fil y",
      "nanocat: Option --fil[e] conflicts with the following options:\n    --dat[a] ",
    ],
    [
      "-Dx -Dy",
      "nanocat: Option -D (--data) conflicts with the following options:\n    -D (--data) ",
    ],
    [
      "--req -L 5591",
      "nanocat: Option --req requires at least one of the following options:" +
      "\n    --data\n    -D\n    --file\n    -F",
    ],
    [
      "--pull -D x -L 5591",
      `nanocat: Option -D (--data) requires at least one of the following options:${
        flags(SENDERS)
      }`,
    ],
    [
      "--pull -i 1 -L 5591",
      "nanocat: Option -i (--interval) requires at least one of the following options:" +
      flags(SENDERS),
    ],
    [
      "--push -D x -A -L 5591",
      "nanocat: Option -A (--ascii) requires at least one of the following options:" +
      flags(RECEIVERS),
    ],
    [
      "--pull --subscribe x -L 5591",
      "nanocat: Option --subscribe requires at least one of the following options:\n    --sub",
    ],
  ];
  for (const [line, text] of VECTORS) {
    test(line, () => assert.equal(complaint(line.split(" ")), text));
  }

  test("a socket type or an address that is missing", () => {
    const addresses =
      "\n    --bind\n    --connect\n    --bind-ipc\n    -X\n    --connect-ipc\n    -x" +
      "\n    --bind-local\n    -L\n    --connect-local\n    -l";
    const text = "nanocat: At least one of the following required:";
    assert.equal(complaint([]), text + flags(TYPES) + addresses);
    assert.equal(complaint(["--pull"]), text + addresses);
    assert.equal(complaint(["-L1"]), text + flags(TYPES));
  });

  test("what goes against the program's own name", () => {
    assert.equal(
      complaint(["--push"], "nn_pull"),
      "nn_pull: Option --push conflicts with the following options:\n    nn_pull (executable) ",
    );
  });

  test("the first mistake only", () => {
    assert.equal(complaint(["--foo", "--help"]), "nanocat: Unknown option ``--foo''");
  });

  test("data, interval or delay for a socket that has no use for it, but not about a delay", () => {
    assert.equal(settings("--pull -L 1 -d 1").delay, 1000);
    for (const type of ["push", "pub", "surveyor"]) {
      assert.match(complaint([`--${type}`, "-L1"]), /requires at least one of/);
    }
    for (const type of ["rep", "respondent", "bus", "pair", "pull", "sub"]) {
      assert.equal(settings(`--${type} -L1`).data, undefined);
    }
  });
});

describe("the help", () => {
  test("has each flag of nanocat, and those that only ours has, on a line of its own, with its short form and argument", () => {
    const heads = [...helpText().matchAll(/^ (--\S+)(?: ([A-Z]+))?/gm)].map((match) => match[0]);
    assert.deepEqual(heads, [
      " --verbose,-v",
      " --silent,-q",
      " --help,-h",
      " --push",
      " --pull",
      " --pub",
      " --sub",
      " --req",
      " --rep",
      " --surveyor",
      " --respondent",
      " --bus",
      " --pair",
      " --pair1",
      " --source",
      " --sink",
      " --bind ADDR",
      " --connect ADDR",
      " --bind-ipc,-X PATH",
      " --connect-ipc,-x PATH",
      " --bind-local,-L PORT",
      " --connect-local,-l PORT",
      " --recv-timeout SEC",
      " --send-timeout SEC",
      " --socket-name NAME",
      " --cert FILE",
      " --key FILE",
      " --cacert FILE",
      " --insecure",
      " --subscribe PREFIX",
      " --format FORMAT",
      " --raw",
      " --ascii,-A",
      " --quoted,-Q",
      " --msgpack",
      " --hex",
      " --interval,-i SEC",
      " --delay,-d SEC",
      " --data,-D DATA",
      " --file,-F PATH",
    ]);
  });

  test("has nanocat's groups, and one for TLS", () => {
    const groups = [...helpText().matchAll(/^(\S.*):$/gm)].map((match) => match[1]);
    assert.deepEqual(groups, [
      "Usage",
      "Generic",
      "Socket Types",
      "Socket Options",
      "TLS Options",
      "SUB Socket Options",
      "Input Options",
      "Output Options",
    ]);
  });

  test("fits a terminal of 80 columns below its usage line", () => {
    for (const line of helpText().split("\n").slice(2)) assert.ok(line.length <= 80, line);
  });

  test("leaves the socket types out of the usage of an alias", () => {
    assert.match(helpText("nn_push"), /^Usage:\n {4}nn_push \{--bind ADDR\|/);
  });
});
