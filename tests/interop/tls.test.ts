/** nng's nngcat over TLS, in both roles: who is trusted by both talks, who is not is told why. */

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Pull, Push, Rep, Req, type TlsOptions } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { temporaryFolder } from "../conformance/transports.ts";
import { pattern } from "../helpers/bytes.ts";
import { certificates } from "../helpers/certificates.ts";
import { NNGCAT } from "../helpers/peers.ts";
import { type Child, PATIENCE, start } from "../helpers/process.ts";
import { assertSame } from "./messages.ts";
import { SOON } from "./places.ts";

const { ca, server, client, strangerCa } = await certificates();
const { folder } = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));

function saved(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const MESSAGE = pattern(70_000);
const MESSAGE_FILE = saved("message", MESSAGE);
const ANSWER = pattern(300, 1);
const ANSWER_FILE = saved("answer", ANSWER);

/** What nngcat is told, to trust and to be trusted. */
const TRUSTS = ["--cacert", saved("ca.pem", ca)];
const TRUSTS_ANOTHER = ["--cacert", saved("stranger.pem", strangerCa)];
const AS_SERVER = [
  ...["--cert", saved("server.pem", server.cert)],
  ...["--key", saved("server.key", server.key)],
];
const AS_CLIENT = [
  ...["--cert", saved("client.pem", client.cert)],
  ...["--key", saved("client.key", client.key)],
];
/** What ours is told, to let in only who has a certificate. */
const STRICT: TlsOptions = { ...server, ca, requireClientCertificate: true };

function patience(): { signal: AbortSignal } {
  return { signal: AbortSignal.timeout(PATIENCE) };
}

function nngcat(...args: string[]): Child {
  return start(NNGCAT.command, args);
}

for (const scheme of ["tls+tcp", "wss"] as const) {
  const options = { skip: NNGCAT.skip };
  const anywhere = `${scheme}://127.0.0.1:0`;
  /** The certificate's name; nng also wants a path to be said, and the host to be the one that it was told. */
  const named = (address: string): string =>
    address.replace("127.0.0.1", "localhost") + (scheme === "wss" ? "/" : "");
  const somewhere = (): string =>
    named(`${scheme}://127.0.0.1:${10_000 + Math.floor(Math.random() * 22_000)}`);

  test(`nngcat asks ours over ${scheme}, which it trusts`, options, async () => {
    await using rep = new Rep({ tls: server });
    const { address } = await rep.bind(anywhere);
    const asked: Uint8Array[] = [];
    rep.serve((request) => {
      asked.push(request);
      return ANSWER;
    });
    await using req = nngcat(
      "--req",
      "--dial",
      named(address),
      "--file",
      MESSAGE_FILE,
      "--raw",
      ...TRUSTS,
    );
    const { code, stdout, stderr } = await req.finished();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assertSame(stdout, ANSWER, "the answer");
    assertSame(asked[0]!, MESSAGE, "the question");
  });

  test(
    `ours asks nngcat over ${scheme}, which it trusts, and knows its name`,
    options,
    async () => {
      const address = somewhere();
      await using rep = nngcat(
        "--rep",
        "--listen",
        address,
        "--file",
        ANSWER_FILE,
        "--raw",
        ...AS_SERVER,
      );
      await using req = new Req({ ...SOON, tls: { ca } });
      const { tlsName } = await req.connect(address).opened;
      assert.equal(tlsName, "localhost");
      assertSame(await req.request(MESSAGE, patience()), ANSWER, "the answer");
      await rep.until(({ stdout }) => stdout.length >= MESSAGE.length);
      assertSame(rep.stdout, MESSAGE, "the question");
    },
  );

  test(
    `nngcat shows ours its certificate over ${scheme}, and ours knows its name`,
    options,
    async () => {
      await using pull = new Pull({ tls: STRICT });
      const { address } = await pull.bind(anywhere);
      const log = new EventLog(pull);
      await using push = nngcat(
        "--push",
        "--dial",
        named(address),
        "--file",
        MESSAGE_FILE,
        "--interval",
        "3600",
        ...TRUSTS,
        ...AS_CLIENT,
      );
      assertSame(await pull.receive(patience()), MESSAGE, "what it sent");
      assert.equal((await log.next("attached")).peer.tlsName, "client-7");
      assert.equal(push.stderr, "");
    },
  );

  test(`ours shows nngcat its certificate over ${scheme}`, options, async () => {
    const address = somewhere();
    await using pull = nngcat("--pull", "--listen", address, "--raw", ...AS_SERVER, ...TRUSTS);
    await using push = new Push({ ...SOON, tls: { ca, ...client } });
    push.connect(address);
    await push.send(MESSAGE);
    await pull.until(({ stdout }) => stdout.length >= MESSAGE.length);
    assertSame(pull.stdout, MESSAGE, "what we sent");
  });

  test(`nngcat without a certificate is refused by ours over ${scheme}`, options, async () => {
    await using pull = new Pull({ tls: STRICT });
    const { address } = await pull.bind(anywhere);
    const log = new EventLog(pull);
    await using push = nngcat("--push", "--dial", named(address), "--data", "x", ...TRUSTS);
    const { reason } = await log.next("rejected");
    assert.equal(reason.code, "ETLS");
    assert.match(reason.message, /the peer has no certificate, and one is required/);
    assert.equal((await push.finished()).code, 1);
    assert.deepEqual(log.of("attached"), []);
  });

  test(`nngcat that trusts another authority refuses ours over ${scheme}`, options, async () => {
    await using pull = new Pull({ tls: server });
    const { address } = await pull.bind(anywhere);
    const log = new EventLog(pull);
    await using push = nngcat("--push", "--dial", named(address), "--data", "x", ...TRUSTS_ANOTHER);
    const { reason } = await log.next("rejected");
    // It says why, and closes at once: its reset may overtake its words.
    if (reason.code !== "ECONNRESET") {
      assert.equal(reason.code, "ETLS");
      assert.match(reason.message, /our certificate is of no authority that the peer trusts/);
    }
    assert.equal((await push.finished()).code, 1);
  });

  test(`ours that trusts another authority refuses nngcat over ${scheme}`, options, async () => {
    const address = somewhere();
    await using _ = nngcat("--pull", "--listen", address, "--raw", ...AS_SERVER);
    await using push = new Push({ ...SOON, linger: 0, tls: { ca: strangerCa } });
    const log = new EventLog(push);
    push.connect(address);
    const { reason } = await log.next("connect-failed", ({ reason }) => reason.code === "ETLS");
    assert.match(reason.message, /of no authority that is trusted here/);
    assert.deepEqual(log.of("attached"), []);
  });
}
