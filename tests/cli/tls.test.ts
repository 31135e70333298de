/** Our nanocat and nngcat at encrypted addresses: whom they trust, and what they say of bad certificates. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseCommand } from "../../cli/nanocat/options.ts";
import { Rep, Req } from "../../mod.ts";
import { certificates } from "../helpers/certificates.ts";
import { OUR_NANOCAT, OUR_NNGCAT } from "../helpers/nanocat.ts";
import { PATIENCE } from "../helpers/process.ts";

const { ca, server, strangerCa } = await certificates();
const folder = mkdtempSync(join(tmpdir(), "cli-tls-"));
after(() => rmSync(folder, { recursive: true }));

function saved(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const CERT = saved("server.pem", server.cert);
const KEY = saved("server.key", server.key);
/** As `openssl ecparam -genkey` begins it. */
const PARAMETERS = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
const BOTH = saved("both.pem", PARAMETERS + server.key + server.cert);
const CA = saved("ca.pem", ca);
const STRANGER = saved("stranger.pem", strangerCa);

/** What each program says of an address, and how it is told to say what it does. */
const PROGRAMS = [
  { name: "nanocat", program: OUR_NANOCAT, untrusted: /ETLS|certificate|authority/i },
  { name: "nngcat", program: OUR_NNGCAT, untrusted: /^Unable to dial on .*: Cryptographic error$/ },
] as const;
const LOUD = { env: { NN_PRINT_ERRORS: "1" } };

for (const { name, program, untrusted } of PROGRAMS) {
  for (const scheme of ["tls+tcp", "wss"]) {
    const anywhere = `${scheme}://localhost:0`;

    for (const [how, files] of [["two files", [CERT, KEY]], ["one file", [BOTH]]] as const) {
      test(`${name} shows the certificate of ${how} over ${scheme}`, async () => {
        const own = files.flatMap((file, index) => [index === 0 ? "--cert" : "--key", file]);
        const args = ["--rep", "--bind", anywhere, "--data", "pong", "--ascii", ...own];
        await using rep = program.start(args, LOUD);
        const line = await rep.line(/: bound to /);
        await using req = new Req({ tls: { ca, serverName: "localhost" } });
        req.connect(line.replace(/.* bound to /, ""));
        const reply = await req.request("ping", { timeout: PATIENCE });
        assert.equal(new TextDecoder().decode(reply), "pong");
      });
    }

    for (
      const [whom, trust] of [["whom --cacert names", ["--cacert", CA]], [
        "everybody where it is --insecure",
        ["--insecure"],
      ]] as const
    ) {
      test(`${name} trusts ${whom} over ${scheme}`, async () => {
        await using rep = new Rep({ tls: server });
        const { address } = await rep.bind(anywhere);
        const serving = rep.serve(() => "pong");
        const args = ["--req", "--connect", address, "--data", "ping", "--quoted", ...trust];
        const { code, stdout, stderr } = await program.run(args);
        assert.deepEqual([code, stdout.toString(), stderr], [0, '"pong"\n', ""]);
        await rep.close();
        await serving;
      });
    }

    test(`${name} does not trust strangers over ${scheme}, and says so`, async () => {
      await using rep = new Rep({ tls: server });
      const { address } = await rep.bind(anywhere);
      const args = ["--req", "--connect", address, "--data", "ping", "--cacert", STRANGER];
      await using req = program.start(args, LOUD);
      await req.line(untrusted);
    });
  }

  test(`${name} says which file for TLS it cannot read`, async () => {
    const file = join(folder, "missing");
    for (const flag of ["--cert", "--key", "--cacert"]) {
      const args = ["--pull", "--bind", "tls+tcp://127.0.0.1:0", flag, file];
      const { code, stderr } = await program.run(args);
      assert.match(
        stderr,
        /^(Error opening|Cannot open) file .*missing.*: No such file or directory\n$/,
      );
      assert.equal(code, name === "nanocat" ? 2 : 1);
    }
  });
}

test("nanocat ends with 3 where a certificate is none, and names what is wrong", async () => {
  const bad = saved("bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const address = "tls+tcp://127.0.0.1:0";
  const { code, stderr } = await OUR_NANOCAT.run([
    "--pull",
    "--bind",
    address,
    "--cert",
    bad,
    "--key",
    KEY,
  ]);
  assert.match(stderr, /^Can't bind: Invalid argument\n {4}.*tls\.cert is not a certificate\n$/);
  assert.equal(code, 3);
});

test("nanocat's flags for TLS cannot be abbreviated, so that its own abbreviations stay", () => {
  const understood = (line: string): unknown => {
    try {
      const command = parseCommand(line.split(" "));
      return command.kind === "socket" && (command.settings.tls ?? command.settings);
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.deepEqual(understood("--pull -L 1 --cert a --key b --cacert c --insecure"), {
    cert: "a",
    key: "b",
    cacert: "c",
    insecure: true,
  });
  assert.equal(understood("--pull -L 1 --cer a"), "nanocat: Unknown option ``--cer''");
  assert.equal(understood("--pull -L 1 --k a"), "nanocat: Unknown option ``--k''");
  assert.equal(understood("--pull -L 1 --ins"), "nanocat: Unknown option ``--ins''");
  assert.equal(
    (understood("--req -D x --i 1 -L 1") as { interval: number }).interval,
    1000,
  );
});
