import assert from "node:assert/strict";
import fs from "node:fs";
import net from "node:net";
import { test } from "node:test";
import type { FsModule, NetModule } from "../../transports/runtime/node_api.ts";
import { builtin } from "../../transports/runtime/node.ts";

test("what is written down of Node's modules is what they are", () => {
  // The assignments are the test: the type checker makes it.
  const netModule: NetModule = net;
  const fsModule: FsModule = fs;
  assert.equal(typeof netModule.connect, "function");
  assert.equal(typeof fsModule.lstatSync, "function");
});

test("a module of Node's is loaded without an import", () => {
  assert.equal(builtin<NetModule>("node:net").connect, net.connect);
});
