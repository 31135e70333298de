/** One of our command-line tools talks to those of the other implementations, in every protocol. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CURRENT } from "../helpers/runtimes.ts";
import { FAMILIES, type Family } from "./families.ts";
import { Files } from "./files.ts";
import { ANSWER, MESSAGES } from "./messages.ts";
import { type Meeting, MEETINGS } from "./places.ts";
import { type OurTool, sees, type Task, type Tool, TOOLS } from "./tools.ts";

/** Some bytes of every value, and too many for one read. */
const MESSAGE = MESSAGES.at(-1)!;
const FORMAT = "msgpack";

const files = new Files();
after(() => files.remove());

/** Ours and another tool talk to each other: `side` is ours. */
async function meet(
  { our, family, tool, side, transport, role }: Meeting & {
    our: OurTool;
    family: Family;
    tool: Tool;
    side: "left" | "right";
  },
): Promise<void> {
  await using place = await transport.open();
  const { address } = place;
  const task = (whose: "left" | "right"): Task => ({
    family,
    side: whose,
    role: whose === side ? role : role === "bind" ? "connect" : "bind",
    address,
    format: FORMAT,
    file: files.of(whose === "left" ? MESSAGE : ANSWER),
  });
  await using ours = await our.start(task(side));
  await using theirs = await tool.start(
    task(side === "left" ? "right" : "left"),
    () => ours.line(/ attached$/),
  );
  const [left, right] = side === "left" ? [ours, theirs] : [theirs, ours];

  await sees(right, MESSAGE, FORMAT);
  if (family.talk !== "tells") await sees(left, ANSWER, FORMAT);
  // Who has nothing more to say or to hear ends by itself, and well.
  if (side === "left" && !family.loses && family.talk !== "converses") {
    assert.equal((await ours.finished()).code, 0);
  }
}

/**
 * Every way to meet, one after the other: a start of a runtime is dear, and library_matrix.test.ts has every protocol meet in every way. Each
 * flag, each transport and each role comes up with either tool; not each with each.
 */
function* meetings(first: number): Generator<Meeting, never> {
  for (let n = first;; n++) yield MEETINGS[n % MEETINGS.length]!;
}

/** Declares the tests of one of our tools. */
export function talkToAll(our: OurTool): void {
  for (const [index, tool] of TOOLS.entries()) {
    const ways = meetings(index);
    for (const family of FAMILIES.filter((family) => tool.speaks(family))) {
      const [left, right] = [family.left.name, family.right.name];
      const declare = (name: string, side: "left" | "right"): void => {
        const { value: meeting } = ways.next();
        const how = `over ${meeting.transport.name}, where ours is to ${meeting.role}`;
        test(
          `${name}, ${how}`,
          { skip: tool.skip },
          () => meet({ our, family, tool, side, ...meeting }),
        );
      };
      const whose = `our ${our.name}, run by ${CURRENT.name},`;
      declare(`${whose} as --${left} talks to ${tool.name} --${right}`, "left");
      if (left !== right) {
        declare(`${tool.name} --${left} talks to ${whose} as --${right}`, "right");
      }
    }
  }
}
