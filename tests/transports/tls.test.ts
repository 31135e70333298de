/** Who is let in over TLS, who is not, and that both sides are told why. */

import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, test } from "node:test";
import { generate } from "selfsigned";
import { Pair, Pull, Push, type TlsOptions } from "../../mod.ts";
import { EventLog } from "../conformance/events_log.ts";
import { text } from "../helpers/bytes.ts";
import { certificates } from "../helpers/certificates.ts";
import { listenRaw, RawWebSocket } from "../helpers/raw_web_socket.ts";
import { CURRENT } from "../helpers/runtimes.ts";

const { ca, server, expired, notYetValid, client, strangerClient, strangerCa } =
  await certificates();

/** The name in the certificate, and a number that is in it as well. */
const NAMED = "localhost";
const REQUIRED: TlsOptions = { ...server, ca, requireClientCertificate: true };

for (const scheme of ["tls+tcp", "wss"] as const) {
  const anywhere = `${scheme}://127.0.0.1:0`;
  const at = (address: string): string => address.replace("127.0.0.1", NAMED);

  describe(`over ${scheme}`, () => {
    test("messages go both ways, and the server's verified name is known", async () => {
      await using a = new Pair({ tls: server });
      await using b = new Pair({ tls: { ca } });
      const { address } = await a.bind(anywhere);
      assert.ok(address.startsWith(`${scheme}://127.0.0.1:`), address);
      const peer = await b.connect(at(address)).opened;
      assert.equal(peer.tlsName, "localhost");
      assert.ok(peer.remoteAddress.startsWith(`${scheme}://`), peer.remoteAddress);
      await b.send("there");
      assert.equal(text(await a.receive()), "there");
      await a.send(new Uint8Array(1024 * 1024));
      assert.equal((await b.receive()).length, 1024 * 1024);
    });

    test("a certificate is for the host's name, also where only one family of its addresses will do", async () => {
      const { cert, private: key } = await generate(
        [{ name: "commonName", value: NAMED }],
        {
          algorithm: "sha256",
          extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: NAMED }] }],
        },
      );
      await using pull = new Pull({ tls: { cert, key } });
      await using push = new Push({ tls: { ca: cert } });
      const { address } = await pull.bind(anywhere);
      const named = at(address).replace(scheme, `${scheme}4`);
      await push.connect(named, { failFast: true }).opened;
      const numbered = push.connect(address.replace(scheme, `${scheme}4`), { failFast: true });
      await assert.rejects(numbered.opened, { code: "ETLS", message: /is for another name/ });
    });

    test("a server may be named by its number, if that is in the certificate", async () => {
      await using a = new Pair({ tls: server });
      await using b = new Pair({ tls: { ca: [strangerCa, ca] } });
      const { address } = await a.bind(anywhere);
      await b.connect(address).opened;
    });

    for (
      const [who, tls, message] of [
        ["without the right authority", {}, /of no authority that is trusted here/],
        ["with the wrong authority", { ca: strangerCa }, /of no authority that is trusted here/],
        ["with the wrong name", { ca, serverName: "example.org" }, /is for another name/],
      ] as const
    ) {
      test(`a client ${who} refuses the server, and both are told`, async () => {
        await using pull = new Pull({ tls: server });
        const log = new EventLog(pull);
        const { address } = await pull.bind(anywhere);
        await using push = new Push({ tls });
        const { opened } = push.connect(at(address), { failFast: true });
        await assert.rejects(opened, { name: "SPError", code: "ETLS", message });
        assert.deepEqual(log.of("attached"), []);
        if (who !== "with the wrong name") await log.next("rejected");
      });
    }

    for (
      const [what, bad, message] of [
        ["has expired", expired, /the peer's certificate has expired/],
        ["is not valid yet", notYetValid, /the peer's certificate is not valid yet/],
      ] as const
    ) {
      test(`a certificate that ${what} is refused as such`, async () => {
        await using pull = new Pull({ tls: bad });
        const log = new EventLog(pull);
        const { address } = await pull.bind(anywhere);
        await using push = new Push({ tls: { ca } });
        const { opened } = push.connect(at(address), { failFast: true });
        await assert.rejects(opened, { name: "SPError", code: "ETLS", message });
        await log.next("rejected");
        assert.deepEqual(log.of("attached"), []);
      });
    }

    test("a client's certificate that has expired is refused, and the server is told", async () => {
      await using pull = new Pull({ tls: REQUIRED });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      await using push = new Push({ tls: { ca, ...expired } });
      push.connect(at(address));
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "ETLS", reason.message);
      // Deno's node:tls does not tell the one from the other.
      const wanted = CURRENT.name === "deno" ? /or not valid now/ : /certificate has expired/;
      assert.match(reason.message, wanted);
      assert.deepEqual(log.of("attached"), []);
    });

    test("a client that asks nothing of the server gets in only when told so, and knows no name", async () => {
      await using pull = new Pull({ tls: server });
      const { address } = await pull.bind(anywhere);
      await using push = new Push({ tls: { insecure: true, serverName: "example.org" } });
      const peer = await push.connect(at(address)).opened;
      assert.equal(peer.tlsName, undefined);
      await push.send("to anybody");
      assert.equal(text(await pull.receive()), "to anybody");
    });

    test("where a certificate is required, the accept hook knows its name", async () => {
      const names: unknown[] = [];
      await using pull = new Pull({
        tls: REQUIRED,
        accept: ({ tlsName }) => {
          names.push(tlsName);
          return tlsName === "client-7";
        },
      });
      const { address } = await pull.bind(anywhere);
      await using push = new Push({ tls: { ca, ...client } });
      push.connect(at(address));
      await push.send("from client-7");
      assert.equal(text(await pull.receive()), "from client-7");
      assert.deepEqual(names, ["client-7"]);
    });

    test("where none is required, a client's certificate is not looked at", async () => {
      await using pull = new Pull({ tls: { ...server, ca } });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      await using push = new Push({ tls: { ca, ...client } });
      push.connect(at(address));
      assert.equal((await log.next("attached")).peer.tlsName, undefined);
    });

    test("a client without a required certificate is refused, and both are told", async () => {
      await using pull = new Pull({ tls: REQUIRED });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      await using push = new Push({ tls: { ca } });
      const { opened } = push.connect(at(address), { failFast: true });
      await assert.rejects(opened, { code: "ETLS", message: /asks for our certificate/ });
      const { reason, remoteAddress } = await log.next("rejected");
      assert.equal(reason.code, "ETLS");
      assert.match(reason.message, /the peer has no certificate, and one is required/);
      assert.match(remoteAddress, /127\.0\.0\.1:\d+$/);
      assert.deepEqual(log.of("attached"), []);
    });

    test("a client whose certificate is of another authority is refused, and the server is told", async () => {
      await using pull = new Pull({ tls: REQUIRED });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      await using push = new Push({ tls: { ca, ...strangerClient } });
      const { opened } = push.connect(at(address), { failFast: true });
      await assert.rejects(opened, { name: "SPError" });
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "ETLS", reason.message);
      assert.match(reason.message, /of no authority that is trusted here/);
      assert.deepEqual(log.of("attached"), []);
    });

    test("who speaks no TLS is refused by name, and the next one is served", async () => {
      await using pull = new Pull({ tls: server });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      using stranger = await RawWebSocket.connect(address);
      stranger.send("\0SP\0\0\x50\0\0 and some more bytes, as many as a record has");
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "ETLS", reason.message);
      assert.match(reason.message, /does not speak TLS/);
      await stranger.closed;
      await using push = new Push({ tls: { ca } });
      push.connect(at(address));
      await push.send("in order");
      assert.equal(text(await pull.receive()), "in order");
    });

    test("who connects and says nothing is let go after handshakeTimeout", async () => {
      await using pull = new Pull({ tls: server, handshakeTimeout: 100 });
      const log = new EventLog(pull);
      const { address } = await pull.bind(anywhere);
      using silent = await RawWebSocket.connect(address);
      await silent.closed;
      const { reason } = await log.next("rejected");
      assert.equal(reason.code, "ETIMEDOUT");
      assert.match(reason.message, /no TLS handshake in 100 ms/);
    });

    test("a server that says nothing is given up after handshakeTimeout", async () => {
      await using place = await listenRaw(() => {});
      await using push = new Push({ tls: { ca }, handshakeTimeout: 100 });
      const { opened } = push.connect(place.address.replace("ws", scheme), { failFast: true });
      await assert.rejects(opened, { code: "ETIMEDOUT", message: /handshake in 100 ms/ });
    });

    test("a server that speaks no TLS is told apart from one that is not there", async () => {
      await using place = await listenRaw((peer) => peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"));
      await using push = new Push({ tls: { ca } });
      const address = place.address.replace("ws", scheme);
      const { opened } = push.connect(address, { failFast: true });
      await assert.rejects(opened, { code: "ETLS", message: /does not speak TLS/ });
    });

    test("a dialer that is closed while it shakes hands lets go at once", async () => {
      const connected = Promise.withResolvers<RawWebSocket>();
      await using place = await listenRaw((peer) => connected.resolve(peer));
      await using push = new Push({ tls: { ca } });
      const dialer = push.connect(place.address.replace("ws", scheme));
      const peer = await connected.promise;
      await dialer.close();
      await peer.closed;
    });

    test("binding needs a certificate and its key, as text", async () => {
      await using pull = new Pull();
      for (
        const [name, value] of [["cert", "/etc/cert.pem"], ["key", ""], ["ca", ["x"]]] as const
      ) {
        await assert.rejects(pull.bind(anywhere, { tls: { ...server, [name]: value } }), {
          code: "EINVAL",
          message: new RegExp(`^Cannot set tls\\.${name} to .*: expected PEM text`),
        });
      }
      const garbage = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
      for (
        const [tls, message] of [
          [undefined, /no certificate, expected tls: \{ cert, key \}/],
          [{ cert: server.cert }, /no certificate, expected/],
          [{ key: server.key }, /no certificate, expected/],
          [{ ...server, cert: garbage }, /tls\.cert is not a certificate/],
          [{ ...server, key: garbage }, /tls\.key is not a private key/],
          [{ ...server, key: client.key }, /tls\.key is not the key of tls\.cert/],
          [{ ...server, ca: [ca, garbage] }, /tls\.ca is not a certificate/],
        ] as const
      ) {
        const bound = pull.bind(anywhere, { ...(tls && { tls }) });
        await assert.rejects(bound, { code: "EINVAL", message });
      }
      assert.throws(
        () => pull.connect(anywhere.replace(":0", ":1"), { tls: { cert: server.cert } }),
        {
          code: "EINVAL",
          message: /need each other/,
        },
      );
      assert.throws(() => new Pull({ tls: { certs: "x" } as TlsOptions }), {
        code: "EINVAL",
        message: /Unknown option "tls\.certs" in .*; there are: tls\.ca, tls\.cert, /,
      });
    });

    test("a connection that is reset is told as one, and made again", async () => {
      await using pull = new Pull({ tls: server });
      const { address } = await pull.bind(anywhere);
      // Somebody in between, who cuts the wire.
      const cuts: (() => void)[] = [];
      await using place = await listenRaw((peer) => {
        const onward = connect(
          Number(new URL(address.replace(/^\S+?:/, "http:")).port),
          "127.0.0.1",
        );
        onward.on("data", (chunk) => peer.send(chunk));
        onward.on("error", () => {});
        onward.on("close", () => peer[Symbol.dispose]());
        peer.forward((chunk) => onward.write(chunk));
        peer.closed.then(() => onward.destroy());
        cuts.push(() => peer.reset());
      });
      await using push = new Push({ tls: { ca }, reconnectMin: 5, reconnectMax: 20 });
      const log = new EventLog(push);
      push.connect(place.address.replace("ws", scheme));
      await push.send("one");
      assert.equal(text(await pull.receive()), "one");
      cuts[0]?.();
      const { reason } = await log.next("detached");
      // Deno takes a reset below TLS for an orderly end.
      if (CURRENT.name !== "deno") assert.equal(reason?.code, "ECONNRESET");
      await push.send("two");
      assert.equal(text(await pull.receive()), "two");
    });
  });
}
