/** Addresses, good and bad; every error names the address and says what was wanted. */

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { AddressRole } from "../../src/surface/address.ts";
import {
  type Family,
  formatHostPort,
  type HostPort,
  isNumericHost,
  mayBeInterface,
  parseHostPort,
} from "../../transports/host_port.ts";
import { findTransport, registerTransport } from "../../src/surface/transports.ts";
import { InprocTransport } from "../../transports/inproc/inproc.ts";
import { spError } from "../helpers/errors.ts";

function parse(role: AddressRole, address: string, defaultPort?: number): HostPort {
  return parseHostPort(role, address, address.replace(/^.*?:\/\//, ""), defaultPort);
}

const LABEL = "a".repeat(63);
const LONGEST_NAME = `${`${LABEL}.`.repeat(3)}${"a".repeat(61)}`;

describe("an address to connect to", () => {
  const good: readonly (readonly [string, string, number, (string | undefined)?, Family?])[] = [
    ["tcp://127.0.0.1:5555", "127.0.0.1", 5555],
    ["tcp://255.255.255.255:1", "255.255.255.255", 1],
    ["tcp://localhost:65535", "localhost", 65535],
    ["tcp://example.org:80", "example.org", 80],
    ["tcp://example.org.:80", "example.org.", 80],
    ["tcp://xn--bcher-kva.example:80", "xn--bcher-kva.example", 80],
    ["tcp://my_host-2:80", "my_host-2", 80],
    ["tcp://1.example:80", "1.example", 80],
    ["tcp://3com:80", "3com", 80],
    [`tcp://${LABEL}:80`, LABEL, 80],
    [`tcp://${LONGEST_NAME}:80`, LONGEST_NAME, 80],
    ["tcp://[::1]:5555", "::1", 5555],
    ["tcp://[::]:5555", "::", 5555],
    ["tcp://[2001:db8:0:0:0:0:0:1]:5555", "2001:db8:0:0:0:0:0:1", 5555],
    ["tcp://[2001:DB8::A]:5555", "2001:DB8::A", 5555],
    ["tcp://[::ffff:127.0.0.1]:5555", "::ffff:127.0.0.1", 5555],
    ["tcp://[fe80::1%eth0]:5555", "fe80::1%eth0", 5555],
    ["tcp://[fe80::1%eth0.100]:5555", "fe80::1%eth0.100", 5555],
    ["tcp://127.0.0.1;10.0.0.1:5555", "10.0.0.1", 5555, "127.0.0.1"],
    ["tcp://127.0.0.1;example.org:5555", "example.org", 5555, "127.0.0.1"],
    ["tcp://[::1];[2001:db8::1]:5555", "2001:db8::1", 5555, "::1"],
    ["tcp://eth0;127.0.0.1:5555", "127.0.0.1", 5555, "eth0"],
    ["tcp://eth0.100;example.org:5555", "example.org", 5555, "eth0.100"],
    ["tcp://vEthernet (WSL);10.0.0.1:5555", "10.0.0.1", 5555, "vEthernet (WSL)"],
    ["tcp4://127.0.0.1:5555", "127.0.0.1", 5555, undefined, 4],
    ["tcp4://example.org:5555", "example.org", 5555, undefined, 4],
    ["tcp6://[::1]:5555", "::1", 5555, undefined, 6],
    ["TLS+TCP6://example.org:5555", "example.org", 5555, undefined, 6],
    ["tcp6://eth0;example.org:5555", "example.org", 5555, "eth0", 6],
    ["tcp6://[::1];[::1]:5555", "::1", 5555, "::1", 6],
    ["tcp://bücher.example:5555", "xn--bcher-kva.example", 5555],
    ["tcp://BÜCHER.example:5555", "xn--bcher-kva.example", 5555],
    ["tcp://faß.de:5555", "xn--fa-hia.de", 5555],
    ["tcp://例え.テスト:5555", "xn--r8jz45g.xn--zckzah", 5555],
    ["tcp://मराठी.example:5555", "xn--d2b1ag0dl.example", 5555],
    ["tcp://10.0.0.1;bücher.example:5555", "xn--bcher-kva.example", 5555, "10.0.0.1"],
    ["TCP://LOCALHOST:5555", "LOCALHOST", 5555],
    ["tcp://localhost:00080", "localhost", 80],
  ];
  for (const [address, host, port, local, family] of good) {
    test(`may be ${address.length < 60 ? address : `a name of ${host.length} bytes`}`, () => {
      const more = { ...(local !== undefined && { local }), ...(family && { family }) };
      assert.deepEqual(parse("connect", address), { host, port, ...more });
    });
  }

  const bad: readonly (readonly [string, string])[] = [
    ["tcp://*:5555", "* stands for all interfaces and can only be bound"],
    ["tcp://127.0.0.1:0", 'invalid port "0", expected 1 to 65535'],
    ["tcp://127.0.0.1:65536", 'invalid port "65536", expected 1 to 65535'],
    ["tcp://127.0.0.1:999999", 'invalid port "999999"'],
    ["tcp://127.0.0.1:-1", 'invalid port "-1"'],
    ["tcp://127.0.0.1:+80", 'invalid port "+80"'],
    ["tcp://127.0.0.1:80.0", 'invalid port "80.0"'],
    ["tcp://127.0.0.1:8e3", 'invalid port "8e3"'],
    ["tcp://127.0.0.1: 80", 'invalid port " 80"'],
    ["tcp://127.0.0.1:80/", 'invalid port "80/"'],
    ["tcp://127.0.0.1:*", 'invalid port "*"'],
    ["tcp://127.0.0.1:abc", 'invalid port "abc"'],
    ["tcp://127.0.0.1:", "no port, expected 1 to 65535 after a colon"],
    ["tcp://127.0.0.1", "no port, expected 1 to 65535 after a colon"],
    ["tcp://[::1]", "no port, expected 1 to 65535 after a colon"],
    ["tcp://[::1]:", "no port"],
    ["tcp://", "no port"],
    ["tcp://:5555", "no host, expected a name, an IPv4 address or an [IPv6 address]"],
    ["tcp://::1:5555", 'invalid host "::1"'],
    ["tcp://[::1:5555", "invalid host"],
    ["tcp://::1]:5555", 'invalid host "::1]"'],
    ["tcp://[]:5555", 'invalid host "[]"'],
    ["tcp://[127.0.0.1]:5555", 'invalid host "[127.0.0.1]"'],
    ["tcp://[localhost]:5555", 'invalid host "[localhost]"'],
    ["tcp://[::1%]:5555", 'invalid host "[::1%]"'],
    ["tcp://[1:2]:5555", 'invalid host "[1:2]"'],
    ["tcp://[1::2::3]:5555", 'invalid host "[1::2::3]"'],
    ["tcp://[1:2:3:4:5:6:7:8:9]:5555", "invalid host"],
    ["tcp://[12345::]:5555", "invalid host"],
    ["tcp://[:::]:5555", "invalid host"],
    ["tcp://[::1.2.3]:5555", "invalid host"],
    ["tcp://256.0.0.1:5555", 'invalid host "256.0.0.1"'],
    ["tcp://1.2.3:5555", 'invalid host "1.2.3"'],
    ["tcp://1.2.3.4.5:5555", 'invalid host "1.2.3.4.5"'],
    ["tcp://12345:5555", 'invalid host "12345"'],
    ["tcp://-hostname:5555", 'invalid host "-hostname"'],
    ["tcp://hostname-:5555", 'invalid host "hostname-"'],
    ["tcp://abc.123.---.#:5555", 'invalid host "abc.123.---.#"'],
    ["tcp://abc..def:5555", 'invalid host "abc..def"'],
    ["tcp://.abc:5555", 'invalid host ".abc"'],
    ["tcp://a b:5555", 'invalid host "a b"'],
    ["tcp://user@host:5555", 'invalid host "user@host"'],
    ["tcp://host/path:5555", 'invalid host "host/path"'],
    [`tcp://${LABEL}a:5555`, "invalid host"],
    [`tcp://${LONGEST_NAME}aa:5555`, "invalid host"],
    [
      "tcp://eth0:1;127.0.0.1:5555",
      'invalid local address "eth0:1", expected an IPv4 address, an [IPv6 address] or the name of an interface before the semicolon',
    ],
    ["tcp://eth0;127.0.0.1:0", 'invalid port "0"'],
    ["tcp4://127.0.0.1:0", 'invalid port "0"'],
    ["tcp6://[::1]", "no port, expected 1 to 65535 after a colon"],
    ["tcp4://*:5555", "* stands for all interfaces and can only be bound"],
    ["tcp4://[::1]:5555", '"::1" is an IPv6 address, and tcp4:// is for IPv4 only'],
    ["tcp6://127.0.0.1:5555", '"127.0.0.1" is an IPv4 address, and tcp6:// is for IPv6 only'],
    ["tls+tcp6://127.0.0.1:5555", "and tls+tcp6:// is for IPv6 only"],
    ["tcp6://127.0.0.1;host:5555", '"127.0.0.1" is an IPv4 address'],
    ["tcp://bü cher.example:5555", 'invalid host "bü cher.example"'],
    ["tcp://bücher@example:5555", 'invalid host "bücher@example"'],
    ["tcp://bücher%2e.example:5555", 'invalid host "bücher%2e.example"'],
    ["tcp://bü..example:5555", 'invalid host "bü..example"'],
    ["tcp://１２７.0.0.1:5555", 'invalid host "１２７.0.0.1"'],
    [`tcp://${"ü".repeat(64)}.example:5555`, "invalid host"],
    ["tcp://*;127.0.0.1:5555", 'invalid local address "*"'],
    ["tcp://;127.0.0.1:5555", 'invalid local address ""'],
    ["tcp://127.0.0.256;127.0.0.1:5555", 'invalid local address "127.0.0.256"'],
    ["tcp://::1;127.0.0.1:5555", 'invalid local address "::1"'],
    ["tcp://127.0.0.1;:5555", "no host"],
    ["tcp://127.0.0.1;*:5555", "* stands for all interfaces"],
    ["tcp://127.0.0.1;127.0.0.1;127.0.0.1:5555", 'invalid host "127.0.0.1;127.0.0.1"'],
  ];
  for (const [address, wanted] of bad) {
    const name = address.length < 60 ? JSON.stringify(address) : `a name that is too long`;
    test(`must not be ${name}${address.length < 60 ? "" : ` (${address.length})`}`, () => {
      assert.throws(
        () => parse("connect", address),
        spError("EINVAL", `Cannot connect to "${address}": `, wanted),
      );
    });
  }

  test("may leave the port out where its scheme has one of its own", () => {
    assert.deepEqual(parse("connect", "ws://localhost", 80), { host: "localhost", port: 80 });
    assert.deepEqual(parse("connect", "ws://[::1]", 80), { host: "::1", port: 80 });
    assert.deepEqual(parse("connect", "ws://localhost:81", 80), { host: "localhost", port: 81 });
    assert.throws(() => parse("connect", "ws://localhost:", 80), spError("EINVAL", "no port"));
  });
});

describe("an address to bind", () => {
  const good: readonly (readonly [string, string | undefined, number, Family?])[] = [
    ["tcp4://*:5555", undefined, 5555, 4],
    ["tcp6://*:0", undefined, 0, 6],
    ["tcp4://localhost:0", "localhost", 0, 4],
    ["tcp://eth0:5555", "eth0", 5555],
    ["tcp6://eth0:5555", "eth0", 5555, 6],
    ["tcp://bücher.example:5555", "xn--bcher-kva.example", 5555],
    ["tcp://*:5555", undefined, 5555],
    ["tcp://*:0", undefined, 0],
    ["tcp://*:*", undefined, 0],
    ["tcp://127.0.0.1:*", "127.0.0.1", 0],
    ["ws://[::1]:*", "::1", 0],
    ["tcp://127.0.0.1:0", "127.0.0.1", 0],
    ["tcp://127.0.0.1:65535", "127.0.0.1", 65535],
    ["tcp://localhost:5555", "localhost", 5555],
    ["tcp://[::1]:0", "::1", 0],
    ["tcp://[::]:5555", "::", 5555],
    ["tcp://[fe80::1%2]:5555", "fe80::1%2", 5555],
  ];
  for (const [address, host, port, family] of good) {
    test(`may be ${address}`, () => {
      assert.deepEqual(parse("bind", address), { host, port, ...(family && { family }) });
    });
  }

  test("may be the name of an interface, where it is short, or ends as no host's name does", () => {
    const names = ["eth0", "wlp2s0", "br-1a2b", "eth0.100", "localhost", "a.example", "127.0.0.1"];
    assert.deepEqual(names.filter(mayBeInterface), ["eth0", "wlp2s0", "br-1a2b", "eth0.100"]);
    assert.equal(mayBeInterface("::1"), false);
    assert.equal(mayBeInterface("LOCALHOST"), false);
  });

  const bad: readonly (readonly [string, string])[] = [
    ["tcp://:5555", "no host, expected * for all interfaces or an address"],
    ["tcp://*:65536", 'invalid port "65536", expected 0 to 65535'],
    ["tcp://*:", "no port, expected 0 to 65535 after a colon"],
    ["tcp://*", "no port, expected 0 to 65535 after a colon"],
    ["tcp://[*]:5555", 'invalid host "[*]"'],
    ["tcp://127.0.0.1;*:5555", "a local address before a semicolon is for connect only"],
    ["tcp://eth0;127.0.0.1:5555", "a local address before a semicolon is for connect only"],
    ["tcp://300.0.0.1:5555", 'invalid host "300.0.0.1"'],
    ["tcp://eth0:99999", 'invalid port "99999", expected 0 to 65535'],
    ["tcp://eth0", "no port, expected 0 to 65535 after a colon"],
    ["tcp4://:5555", "no host, expected * for all interfaces or an address"],
    ["tcp4://[::]:5555", '"::" is an IPv6 address, and tcp4:// is for IPv4 only'],
    ["tcp6://0.0.0.0:5555", '"0.0.0.0" is an IPv4 address, and tcp6:// is for IPv6 only'],
  ];
  for (const [address, wanted] of bad) {
    test(`must not be "${address}"`, () => {
      assert.throws(
        () => parse("bind", address),
        spError("EINVAL", `Cannot bind to "${address}": `, wanted),
      );
    });
  }
});

describe("an address of 50,000 characters", () => {
  const COLONS = ":".repeat(50_000);
  const wrong = [
    `tcp://${COLONS}`,
    `tcp://[${COLONS}]:5555`,
    `tcp://[${COLONS}x]:5555`,
    `tcp://${COLONS};127.0.0.1:5555`,
    `tcp://[${COLONS}x];127.0.0.1:5555`,
    `tcp://[::1%${COLONS}]:5555`,
    `tcp://${"a.".repeat(25_000)}:5555`,
    `tcp://${"a-".repeat(25_000)}.-:5555`,
    `tcp://${"1.".repeat(25_000)}:5555`,
    `tcp://127.0.0.1:${"5".repeat(50_000)}`,
    COLONS,
    `inproc://${COLONS}`,
  ];
  for (const [index, address] of wrong.entries()) {
    test(`is refused for its length: ${index + 1}`, () => {
      registerTransport(new InprocTransport());
      assert.throws(() => findTransport("connect", address), (error) => {
        const begins = JSON.stringify(address.slice(0, 20)).slice(0, -1);
        spError("EINVAL", "Cannot connect to", begins, "expected at most 8192")(error);
        assert.ok((error as Error).message.length < 1000, "the error has all of it");
        return true;
      });
    });
  }

  test("is parsed in a time that grows no faster than its length", () => {
    const colons = ":".repeat(1_000_000);
    for (
      const rest of [
        `[${colons}x]:5555`,
        `[${colons}x];127.0.0.1:5555`,
        `[::1%${colons}x]:5555`,
        `[::1%${"a".repeat(1_000_000)}!]:5555`,
        `${"a-".repeat(500_000)}.-:5555`,
        `${"1.".repeat(500_000)}x-:5555`,
      ]
    ) {
      // With one that grows with the square, this takes an hour.
      assert.throws(() => parseHostPort("connect", "tcp://...", rest), spError("EINVAL"));
    }
    assert.equal(isNumericHost(`${colons}x`), false);
  });

  test("is not much shorter than the longest one, which is taken", () => {
    registerTransport(new InprocTransport());
    const longest = `inproc://${"x".repeat(8192 - "inproc://".length)}`;
    assert.equal(findTransport("connect", longest).rest.length, 8183);
    assert.throws(() => findTransport("connect", `${longest}x`), spError("EINVAL", "8193"));
  });
});

describe("a scheme", () => {
  before(() => registerTransport(new InprocTransport()));

  for (const address of ["", "tcp", "tcp:", "tcp:/127.0.0.1:1", "127.0.0.1:5555", "://x"]) {
    test(`has to stand before the rest, unlike in "${address}"`, () => {
      assert.throws(
        () => findTransport("connect", address),
        spError(
          "EINVAL",
          `Cannot connect to "${address}": no scheme, expected one of inproc://`,
        ),
      );
    });
  }

  for (
    const [address, shown] of [[5555, "5555 (number)"], [undefined, "undefined"], [{}, "Object"]]
  ) {
    test(`is missing in what is no string: ${JSON.stringify(address)}`, () => {
      assert.throws(() => findTransport("bind", address as string), spError("EINVAL", `${shown}`));
    });
  }

  test("finds its transport, whatever its case, and the rest keeps its own", () => {
    const inproc = new InprocTransport();
    registerTransport(inproc);
    assert.deepEqual(findTransport("bind", "InProc://Tea"), { transport: inproc, rest: "Tea" });
  });

  test("that nobody serves is named, with those that are served", () => {
    registerTransport(new InprocTransport());
    assert.throws(
      () => findTransport("connect", "gopher://x"),
      spError("EINVAL", 'Cannot connect to "gopher://x"', 'unknown scheme "gopher"', "inproc://"),
    );
  });
});

test("a host and a port are written with brackets where the host is an IPv6 address", () => {
  assert.equal(formatHostPort("127.0.0.1", 80), "127.0.0.1:80");
  assert.equal(formatHostPort("::1", 80), "[::1]:80");
  assert.equal(formatHostPort("fe80::1%eth0", 80), "[fe80::1%eth0]:80");
});
