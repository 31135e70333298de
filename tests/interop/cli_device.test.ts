/** `nanocat device` between the tools of the other implementations. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Child } from "../helpers/process.ts";
import { startNanocat } from "../helpers/nanocat.ts";
import { CURRENT } from "../helpers/runtimes.ts";
import { FAMILIES, type Family } from "./families.ts";
import { Files } from "./files.ts";
import { ANSWER, MESSAGES } from "./messages.ts";
import { TRANSPORTS } from "./places.ts";
import { sees, type Tool, TOOLS } from "./tools.ts";

const MESSAGE = MESSAGES.at(-1)!;
const FORMAT = "msgpack";

/** By the name of the left side: what the flag of `nanocat device` is called. */
const FLAGS: Readonly<Record<string, string>> = {
  push: "pipeline",
  pub: "pubsub",
  req: "reqrep",
  surveyor: "survey",
};

const files = new Files();
after(() => files.remove());

/** A tool on either side of a device. The tool that says everything again comes first: the other finds it there. */
async function passOn(family: Family, left: Tool, right: Tool): Promise<void> {
  await using front = await TRANSPORTS[0]!.open();
  await using back = await TRANSPORTS[1]!.open();
  const flag = `--${FLAGS[family.left.name] ?? family.left.name}`;
  await using device = startNanocat(["device", flag, "-v", front.address, back.address]);
  await device.line(/^socket\.back: bound to /);
  const start = async (side: "left" | "right"): Promise<Child> => {
    const child = await (side === "left" ? left : right).start({
      family,
      side,
      role: "connect",
      address: side === "left" ? front.address : back.address,
      format: FORMAT,
      file: files.of(side === "left" ? MESSAGE : ANSWER),
    }, () => Promise.resolve());
    await device.line(
      side === "left" ? /^socket\.front: .*attached$/ : /^socket\.back: .*attached$/,
    );
    return child;
  };
  const isLeftFirst = left.name === "nanocat";
  await using first = await start(isLeftFirst ? "left" : "right");
  await using second = await start(isLeftFirst ? "right" : "left");
  const [asks, answers] = isLeftFirst ? [first, second] : [second, first];
  await sees(answers, MESSAGE, FORMAT);
  if (family.talk !== "tells") await sees(asks, ANSWER, FORMAT);
  device.kill("SIGTERM");
  assert.equal((await device.finished()).code, 0);
}

const [nanocat, nngcat] = TOOLS as [Tool, Tool];

for (const family of FAMILIES) {
  const ends = family.onlyNng ? [[nngcat, nngcat]] : [[nanocat, nngcat], [nngcat, nanocat]];
  for (const [left, right] of ends as [Tool, Tool][]) {
    const [from, to] = [
      `${left.name} --${family.left.name}`,
      `${right.name} --${family.right.name}`,
    ];
    test(
      `our nanocat device, run by ${CURRENT.name}, stands between ${from} and ${to}`,
      { skip: left.skip || right.skip },
      () => passOn(family, left, right),
    );
  }
}
