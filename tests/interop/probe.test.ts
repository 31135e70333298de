/** `nanostreams probe` before the real nanomsg and nng: it tells who is there, and leaves them as they were. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pair, Req } from "../../mod.ts";
import { runNanostreams } from "../helpers/nanostreams.ts";
import { text } from "../helpers/bytes.ts";
import { NANOCAT, NNGCAT } from "../helpers/peers.ts";
import { PATIENCE, start } from "../helpers/process.ts";
import { SOON, TRANSPORTS } from "./places.ts";

type Finding = Readonly<Record<string, unknown>>;

/** Probes until somebody listens there. */
async function probe(url: string): Promise<Finding> {
  for (let tries = 0; tries < 100; tries++) {
    const { stdout, stderr } = await runNanostreams(["probe", "--json", "--timeout", "8s", url]);
    assert.equal(stderr, "");
    const { roundTrip: _, ...finding } = JSON.parse(`${stdout}`);
    if (finding.found !== "nothing") return finding;
  }
  throw new Error(`Nobody listens on ${url}`);
}

/** Protocols, who is opposite, their numbers, and where each is tried: all of them on all transports say the same. */
const TRIED = [
  ["rep", "req", 0x31, "tcp"],
  ["pair", "pair", 0x10, "tcp"],
  ["pull", "push", 0x51, "ipc"],
  ["surveyor", "respondent", 0x62, "ipc"],
  ["sub", "pub", 0x21, "ws"],
  ["bus", "bus", 0x70, "ws"],
] as const;

/** What to say of a protocol that must have something to say. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  rep: ["--data", "answer"],
  surveyor: ["--data", "question"],
};

for (const [tool, { command, skip }] of Object.entries({ nanocat: NANOCAT, nngcat: NNGCAT })) {
  for (const [protocol, peer, number, transport] of TRIED) {
    test(`probe tells ${tool}'s ${protocol} over ${transport}`, { skip }, async () => {
      await using place = await TRANSPORTS.find(({ name }) => name === transport)!.open();
      // nng wants a path to be said.
      const url = transport === "ws" && tool === "nngcat" ? `${place.address}/x` : place.address;
      const name = protocol === "pair" && tool === "nngcat" ? "pair0" : protocol;
      const said = SAID[protocol] ?? [];
      await using child = start(command, [`--${name}`, "--bind", url, "--ascii", ...said]);
      const expected = transport === "ws"
        ? { found: "websocket", subprotocols: [`${protocol}.sp.nanomsg.org`], protocol, peer }
        : { found: "sp", protocol, number, peer };
      assert.deepEqual(await Promise.race([probe(url), child.exited]), { url, ...expected });
    });
  }

  test(`probe leaves ${tool}'s PAIR its place, and its REP its questions`, { skip }, async () => {
    await using place = await TRANSPORTS[0]!.open();
    const url = place.address;
    const name = tool === "nngcat" ? "pair0" : "pair";
    {
      await using child = start(command, [`--${name}`, "--bind", url, "--ascii"]);
      assert.equal((await probe(url))["protocol"], "pair");
      await using pair = new Pair(SOON);
      pair.connect(url);
      await pair.send("one");
      await child.until(({ stdout }) => `${stdout}`.includes("one"));
      assert.equal((await probe(url))["protocol"], "pair");
      await pair.send("two");
      await child.until(({ stdout }) => `${stdout}`.includes("two"));
    }
    await using other = await TRANSPORTS[0]!.open();
    const args = ["--rep", "--bind", other.address, "--data", "answer", "--ascii"];
    await using child = start(command, args);
    assert.equal((await probe(other.address))["protocol"], "rep");
    await using req = new Req(SOON);
    req.connect(other.address);
    assert.equal(text(await req.request("question", { timeout: PATIENCE })), "answer");
    assert.equal((await probe(other.address))["protocol"], "rep");
    assert.equal(text(await req.request("question", { timeout: PATIENCE })), "answer");
    assert.match(`${child.stdout}`, /question\s*question/);
  });
}
