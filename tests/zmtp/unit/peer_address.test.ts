/** Where `authenticate` is told that a peer is. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { Pull, Push } from "../../../zmtp/mod.ts";
import { temporaryFolder } from "../../conformance/transports.ts";

const { folder, remove } = temporaryFolder();
after(remove);

const PLACES = [
  { bound: "tcp://127.0.0.1:0", address: "127.0.0.1" },
  { bound: "tcp://[::1]:0", address: "::1" },
  { bound: "ws://127.0.0.1:0/some/path", address: "127.0.0.1" },
  { bound: `ipc://${join(folder, "socket")}`, address: join(folder, "socket") },
];

for (const { bound, address } of PLACES) {
  const scheme = bound.split("/")[0];
  test(`authenticate is told ${address.includes("/") ? "a path" : address} of a peer by ${scheme}`, async () => {
    const told: string[] = [];
    await using pull = new Pull({
      authenticate: (request) => {
        told.push(request.address);
        return true;
      },
    });
    await using push = new Push();
    push.connect((await pull.bind(bound)).address);
    await pull.peers(1, { timeout: 20_000 });
    assert.deepEqual(told, [address]);
  });
}
