/** Versions and cipher suites of TLS, several certificates of one server, and certificates that take the place of others. */

import assert from "node:assert/strict";
import { connect as connectPlain } from "node:net";
import { describe, test } from "node:test";
import { connect, createServer, type SecureVersion, type TLSSocket } from "node:tls";
import { Pair, Pull, Push, type TlsOptions, WebSocketMount } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { certificates } from "../helpers/certificates.ts";
import { listenRaw, RawWebSocket } from "../helpers/raw_web_socket.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const { ca, server, named, wildcard, client, strangerClient, strangerCa, expired } =
  await certificates();
const garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

/** What a client asks for. */
interface Asked {
  servername?: string;
  maxVersion?: SecureVersion;
  ciphers?: string;
}

function portOf(address: string): number {
  return Number(/:(\d+)\/?$/.exec(address)![1]);
}

/** What a client sees of a server: the name in its certificate, the version, the cipher suite. */
function look(
  address: string,
  asked: Asked = {},
): Promise<{ name: unknown; version: unknown; suite: string }> {
  const socket: TLSSocket = connect({
    host: "127.0.0.1",
    port: portOf(address),
    rejectUnauthorized: false,
    ...asked,
  });
  return new Promise((resolve, reject) => {
    socket.on("secureConnect", () => {
      const name = socket.getPeerCertificate().subject.CN;
      resolve({ name, version: socket.getProtocol(), suite: socket.getCipher().name });
      socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
  });
}

async function nameSeen(address: string, servername?: string): Promise<unknown> {
  return (await look(address, servername === undefined ? {} : { servername })).name;
}

/** A server of `node:tls` that says nothing. */
async function serve(
  options: { maxVersion?: SecureVersion; ciphers?: string },
): Promise<{ port: number } & Disposable> {
  const sockets = new Set<TLSSocket>();
  const place = createServer({ ...server, ...options }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  place.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => place.listen(0, "127.0.0.1", resolve));
  const { port } = place.address() as { port: number };
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    place.close();
  };
  return { port, [Symbol.dispose]: close };
}

for (const scheme of ["tls+tcp", "wss"] as const) {
  const anywhere = `${scheme}://127.0.0.1:0`;
  const at = (address: string): string => address.replace("127.0.0.1", "localhost");

  describe(`over ${scheme}, of versions and cipher suites`, () => {
    test("TLS 1.2 is spoken with a client that has no other", async () => {
      await using pull = new Pull({ tls: server });
      const { address } = await pull.bind(anywhere);
      assert.equal((await look(address, { maxVersion: "TLSv1.2" })).version, "TLSv1.2");
      assert.equal((await look(address)).version, "TLSv1.3");
    });

    test("a server that wants TLS 1.3 refuses a client that has only 1.2, and says so", async () => {
      await using pull = new Pull({ tls: { ...server, minVersion: "TLSv1.3" } });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      await assert.rejects(look(address, { maxVersion: "TLSv1.2" }));
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "ETLS", reason.message);
      assert.match(reason.message, /no version of TLS/);
      await using push = new Push({ tls: { ca, minVersion: "TLSv1.3" } });
      await push.connect(at(address)).opened;
    });

    test("a client that wants TLS 1.3 refuses a server that has only 1.2, and says so", async () => {
      using place = await serve({ maxVersion: "TLSv1.2" });
      await using push = new Push({ tls: { ca, minVersion: "TLSv1.3" } });
      const { opened } = push.connect(`${scheme}://localhost:${place.port}`, { failFast: true });
      await assert.rejects(opened, { code: "ETLS", message: /no version of TLS/ });
    });

    const skip = CURRENT.name === "deno" && "Deno lets nobody choose";

    test("of the cipher suites, a server takes only those that are named", { skip }, async () => {
      const ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
      await using pull = new Pull({ tls: { ...server, ciphers } });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      const seen = await look(address);
      assert.deepEqual([seen.suite, seen.version], [ciphers, "TLSv1.2"]);
      await assert.rejects(look(address, { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }));
      const { reason } = await log.next("rejected", ({ reason }) => reason.code === "ETLS");
      assert.match(reason.message, /no cipher suite, in common/);
      await using push = new Push({ tls: { ca, ciphers } });
      await push.connect(at(address)).opened;
    });

    test("of the cipher suites, a client takes only those that are named", { skip }, async () => {
      using place = await serve({
        maxVersion: "TLSv1.2",
        ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
      });
      await using push = new Push({ tls: { ca, ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" } });
      const { opened } = push.connect(`${scheme}://localhost:${place.port}`, { failFast: true });
      await assert.rejects(opened, {
        code: "ETLS",
        message: /no cipher suite, in common/,
      });
    });

    test("what this runtime cannot choose is refused at once", async () => {
      await using pull = new Pull();
      const ciphers = "TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES256-GCM-SHA384";
      const bound = pull.bind(anywhere, { tls: { ...server, ciphers } });
      if (CURRENT.name === "node") {
        const { address } = await bound;
        assert.equal((await look(address)).suite, "TLS_AES_256_GCM_SHA384");
        return;
      }
      const message = /(Deno|Bun) lets nobody choose cipher suites.*tls\.ciphers/;
      await assert.rejects(bound, { code: "ENOTSUP", message });
      assert.throws(() => pull.connect(`${scheme}://localhost:1`, { tls: { ciphers } }), {
        code: "ENOTSUP",
        message,
      });
    });

    test("versions and cipher suites that there are not are refused at once", async () => {
      await using pull = new Pull();
      const wrong: [TlsOptions, RegExp][] = [
        [{ minVersion: "TLSv1.1" as "TLSv1.2" }, /^Cannot set tls\.minVersion to "TLSv1\.1" in/],
        [{ ciphers: "" }, /^Cannot set tls\.ciphers to "" in/],
      ];
      if (CURRENT.name !== "deno") {
        wrong.push(
          [{ ciphers: "NONSENSE" }, /tls\.ciphers "NONSENSE" names no cipher suite/],
          [
            { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384", minVersion: "TLSv1.3" },
            /tls\.ciphers names no suite of TLS 1\.3, which tls\.minVersion asks for/,
          ],
        );
      }
      for (const [tls, message] of wrong) {
        await assert.rejects(pull.bind(anywhere, { tls: { ...server, ...tls } }), {
          code: "EINVAL",
          message,
        });
        assert.throws(() => pull.connect(`${scheme}://localhost:1`, { tls }), {
          code: "EINVAL",
          message,
        });
      }
    });
  });

  describe(`over ${scheme}, of several certificates`, () => {
    test("a client sees the one for the name that it asks for, as browsers understand names", async () => {
      await using pull = new Pull({ tls: { ...server, certificates: [wildcard, named] } });
      const { address } = await pull.bind(anywhere);
      for (
        const [asked, seen] of [
          ["a.example.org", "a.example.org"],
          ["A.Example.ORG", "a.example.org"],
          ["b.example.org", "*.example.org"],
          ["c.b.example.org", "localhost"],
          ["example.org", "localhost"],
          ["elsewhere", "localhost"],
          [undefined, "localhost"],
        ] as const
      ) {
        assert.equal(await nameSeen(address, asked), seen, asked);
      }
      await using push = new Push({ tls: { ca, serverName: "b.example.org" } });
      assert.equal((await push.connect(at(address)).opened).tlsName, "*.example.org");
    });

    test("without one of its own, a server shows the first, and names may be given", async () => {
      const certificates = [
        { ...client, serverName: [] },
        { ...server, serverName: ["one.test", "*.many.test"] },
      ];
      await using pull = new Pull({ tls: { certificates } });
      const { address } = await pull.bind(anywhere);
      assert.equal(await nameSeen(address, "client-7"), "client-7");
      assert.equal(await nameSeen(address), "client-7");
      assert.equal(await nameSeen(address, "one.test"), "localhost");
      assert.equal(await nameSeen(address, "x.many.test"), "localhost");
      assert.equal(await nameSeen(address, "localhost"), "client-7");
    });

    test("where a client's certificate is required, it is so for every name", async () => {
      const tls = { ...server, ca, certificates: [named], requireClientCertificate: true };
      await using pull = new Pull({ tls });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      const serverName = "a.example.org";
      for (const own of [{}, strangerClient]) {
        await using push = new Push({ tls: { ca, serverName, ...own } });
        await assert.rejects(push.connect(at(address), { failFast: true }).opened);
        const { reason } = await log.next("rejected");
        assert.equal(reason.code, "ETLS", reason.message);
      }
      assert.deepEqual(log.of("attached"), []);
      await using push = new Push({ tls: { ca, serverName, ...client } });
      push.connect(at(address));
      assert.equal((await log.next("attached")).peer.tlsName, "client-7");
    });

    test("what a client says first may come byte by byte", async () => {
      await using pull = new Pull({ tls: { ...server, certificates: [named] } });
      const { address } = await pull.bind(anywhere);
      await using place = await listenRaw((peer) => {
        const onward = connectPlain({ port: portOf(address), host: "127.0.0.1", noDelay: true });
        onward.on("data", (chunk) => peer.send(chunk));
        onward.on("error", () => {});
        onward.on("close", () => peer[Symbol.dispose]());
        let sent = Promise.resolve();
        const send = (byte: number): Promise<void> =>
          new Promise((done) => onward.write(Uint8Array.of(byte), () => done()));
        peer.forward((chunk) => {
          for (const byte of chunk) sent = sent.then(() => send(byte));
        });
        peer.closed.then(() => onward.destroy());
      });
      await using push = new Push({ tls: { ca, serverName: "a.example.org" } });
      const peer = await push.connect(place.address.replace("ws", scheme)).opened;
      assert.equal(peer.tlsName, "a.example.org");
    });

    test("who hangs up before a word leaves the others their turn", async () => {
      await using pull = new Pull({ tls: { ...server, certificates: [named] } });
      const { address } = await pull.bind(anywhere);
      const log = new EventLog(pull);
      (await RawWebSocket.connect(address))[Symbol.dispose]();
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "ECONNRESET", reason.message);
      await using push = new Push({ tls: { ca } });
      await push.connect(at(address)).opened;
    });

    test("who speaks no TLS is refused as such", async () => {
      await using pull = new Pull({ tls: { certificates: [server] } });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      await using push = new Push({ reconnectMin: 60_000 });
      push.connect(`tcp://127.0.0.1:${portOf(address)}`);
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "ETLS", reason.message);
      assert.match(reason.message, /does not speak TLS/);
    });

    test("each is checked at once, and named", async () => {
      await using pull = new Pull();
      const shape = /^Cannot set tls\.certificates to .* in bind's options: expected an array of/;
      for (
        const [certificates, message] of [
          [server, shape],
          [[server.cert], shape],
          [[{ cert: server.cert }], shape],
          [[{ ...server, name: "x" }], shape],
          [[{ ...server, serverName: "*" }], shape],
          [[{ ...server, serverName: "a.*.org" }], shape],
          [[{ ...server, serverName: "10.0.0.1" }], shape],
          [
            [server, { ...named, cert: garbage }],
            /tls\.certificates\[1\]\.cert is not a certificate/,
          ],
          [
            [server, { ...named, key: garbage }],
            /tls\.certificates\[1\]\.key is not a private key/,
          ],
          [
            [{ ...server, key: named.key }],
            /tls\.certificates\[0\]\.key is not the key of tls\.certificates\[0\]\.cert/,
          ],
          [[server, { ...named, serverName: [] }], /tls\.certificates\[1\] has no name/],
          [[], /no certificate, expected/],
        ] as const
      ) {
        const tls = { certificates } as TlsOptions;
        await assert.rejects(pull.bind(anywhere, { tls }), (error: Error & { code?: string }) => {
          assert.equal(error.code, "EINVAL");
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /BEGIN/);
          return true;
        });
      }
    });
  });

  describe(`over ${scheme}, of certificates that take the place of others`, () => {
    test("who connects later sees the new one, and who is there stays", async () => {
      await using a = new Pair({ tls: expired });
      const listener = await a.bind(anywhere);
      const { address } = listener;
      await using b = new Pair({ tls: { insecure: true } });
      const events = new EventLog(b);
      await b.connect(address).opened;
      await using c = new Push({ tls: { ca }, reconnectMin: 5 });
      await assert.rejects(c.connect(at(address), { failFast: true }).opened, {
        message: /has expired/,
      });
      listener.update({ tls: { ...named } });
      assert.equal(listener.address, address);
      assert.equal(await nameSeen(address), "a.example.org");
      await a.send("still");
      assert.equal(text(await b.receive()), "still");
      assert.deepEqual(events.of("detached"), []);
    });

    test("those by name are replaced, and a version too; what is left out stays", async () => {
      await using pull = new Pull({ tls: { ...server, certificates: [named] } });
      const { address, update } = await pull.bind(anywhere);
      update({ tls: { certificates: [{ ...wildcard }] } });
      assert.equal(await nameSeen(address, "a.example.org"), "*.example.org");
      assert.equal(await nameSeen(address), "localhost");
      update({ tls: { minVersion: "TLSv1.3" } });
      assert.equal(await nameSeen(address, "a.example.org"), "*.example.org");
      await assert.rejects(look(address, { maxVersion: "TLSv1.2" }));
      update({ tls: { certificates: [] } });
      assert.equal(await nameSeen(address, "a.example.org"), "localhost");
    });

    test("whom it trusts is replaced", async () => {
      await using pull = new Pull({ tls: { ...server, ca, requireClientCertificate: true } });
      const log = new EventLog(pull);
      const { address, update } = await pull.bind(anywhere);
      update({ tls: { ca: strangerCa } });
      {
        await using push = new Push({ tls: { ca, ...client } });
        await assert.rejects(push.connect(at(address), { failFast: true }).opened);
      }
      assert.equal((await log.next("rejected")).reason.code, "ETLS");
      await using push = new Push({ tls: { ca, ...strangerClient } });
      push.connect(at(address));
      assert.equal((await log.next("attached")).peer.tlsName, "client-7");
    });

    test("what is wrong is refused by name, and the old one stays", async () => {
      await using pull = new Pull({ tls: server });
      const listener = await pull.bind(anywhere);
      for (
        const [options, message] of [
          [
            { tls: { key: named.key } },
            /^Cannot update ".*": tls\.key is not the key of tls\.cert$/,
          ],
          [{ tls: { cert: garbage } }, /^Cannot update ".*": tls\.cert is not a certificate$/],
          [
            { tls: { cert: "x" } },
            /^Cannot set tls\.cert to a string in update's options: expected/,
          ],
          [{ tls: { serverName: "x" } }, /^Unknown option "tls\.serverName" in update's options/],
          [{ noDelay: true }, /^Unknown option "noDelay" in update's options; there are: tls$/],
        ] as const
      ) {
        assert.throws(() => listener.update(options as object), { code: "EINVAL", message });
      }
      assert.equal(await nameSeen(listener.address), "localhost");
      await listener.close();
      assert.throws(() => listener.update({ tls: named }), { code: "ECLOSED" });
    });
  });
}

test("addresses without TLS have nothing to update", async () => {
  await using pull = new Pull();
  const mount = new WebSocketMount();
  for (const to of ["tcp://127.0.0.1:0", "inproc://update", "ws://127.0.0.1:0", mount]) {
    const listener = await pull.bind(to);
    for (const options of [{}, { tls: named }]) {
      assert.throws(() => listener.update(options), {
        code: "EINVAL",
        message: /^Cannot update ".*": none of its options can change while it is bound$/,
      });
    }
  }
});
