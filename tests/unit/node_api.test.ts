import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import { test } from "node:test";
import tls from "node:tls";
import type { FsModule, NetModule } from "../../transports/runtime/shared/node_api.ts";
import type { CryptoModule } from "../../transports/runtime/shared/tls/tls_check.ts";
import type { TlsModule } from "../../transports/runtime/shared/tls/tls_api.ts";
import { builtin } from "../../transports/runtime/shared/builtin.ts";

test("what is written down of Node's modules is what they are", () => {
  // The assignments are the test: the type checker makes it.
  const netModule: NetModule = net;
  const fsModule: FsModule = fs;
  const tlsModule: TlsModule = tls;
  const cryptoModule: CryptoModule = crypto;
  assert.equal(typeof netModule.connect, "function");
  assert.equal(typeof fsModule.lstatSync, "function");
  assert.equal(typeof tlsModule.connect, "function");
  assert.equal(typeof cryptoModule.createPrivateKey, "function");
});

test("a module of Node's is loaded without an import", () => {
  assert.equal(builtin<NetModule>("node:net").connect, net.connect);
});
