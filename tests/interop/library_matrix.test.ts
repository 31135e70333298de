import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { DuplexSocket } from "../../mod.ts";
import { type Child, PATIENCE } from "../helpers/process.ts";
import { FAMILIES, type Family } from "./families.ts";
import { ANSWER, assertSame, type Format, FORMATS, MESSAGES, printed } from "./messages.ts";
import { Files } from "./files.ts";
import { inEachWay, type Meeting, MEETINGS, SOON, TRANSPORT_NAMES } from "./places.ts";
import { type Tool, TOOLS } from "./tools.ts";

const files = new Files();
after(() => files.remove());

/** What is waited for; or why the tool, whose turn it is, has ended. */
async function from<T>(
  tool: Child,
  wait: (options: { signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const waited = wait({ signal: AbortSignal.timeout(PATIENCE) });
  const failure = tool.exited.then(({ code, signal }) => {
    if (code === 0) return waited;
    throw new Error(`It ended with ${code ?? signal}: ${tool.stderr}`);
  });
  return await Promise.race([waited, failure]);
}

interface Case extends Meeting {
  readonly family: Family;
  readonly tool: Tool;
}

function theirs({ role }: Case): "bind" | "connect" {
  return role === "bind" ? "connect" : "bind";
}

/** We say every message, one after the other, to a tool that prints them. */
async function speak(what: Case, format: Format): Promise<void> {
  const { family, tool, transport, role } = what;
  await using place = await transport.open();
  await using left = family.left.open();
  const { address } = place;
  if (role === "bind") await left.bind(address);
  await using right = await tool.start({
    family,
    side: "right",
    role: theirs(what),
    address,
    format,
    file: files.of(ANSWER),
  }, () => left.peers(1));
  if (role === "connect") left.connect(address, SOON);
  if (family.loses) await from(right, (limit) => left.peers(1, limit));

  const messages = [new Uint8Array(0), ...MESSAGES];
  for (const [index, message] of messages.entries()) {
    await left.send(message);
    if (!(left instanceof DuplexSocket) || (family.talk === "converses" && index > 0)) continue;
    assertSame(
      await from(right, (limit) => left.receive(limit)),
      ANSWER,
      `its answer to ${message.length} bytes`,
    );
  }
  const expected = Buffer.concat(messages.map((message) => printed(message, format)));
  await right.until(({ stdout }) => stdout.length >= expected.length);
  assertSame(right.stdout, expected, `what it printed as ${format}`);
}

/** A survey may be over before its answer comes; the next one is answered too. */
async function keepAnswering(socket: DuplexSocket): Promise<void> {
  for await (const _ of socket) await socket.send(ANSWER).catch(() => {});
}

/** A tool says one message, and prints what we say back. */
async function hear(what: Case, message: Uint8Array, format: Format): Promise<void> {
  const { family, tool, transport, role } = what;
  await using place = await transport.open();
  await using right = family.right.open();
  const { address } = place;
  if (role === "bind") await right.bind(address);
  await using left = await tool.start({
    family,
    side: "left",
    role: theirs(what),
    address,
    format,
    file: files.of(message),
  }, () => right.peers(1));
  if (role === "connect") right.connect(address, SOON);

  assertSame(await from(left, (limit) => right.receive(limit)), message, "what it sent");
  if (!(right instanceof DuplexSocket)) return;
  await right.send(ANSWER);
  if (family.talk === "asks" && family.loses) keepAnswering(right);
  const expected = printed(ANSWER, format);
  if (family.talk === "asks" && !family.loses) {
    const { code, stderr, stdout } = await left.finished();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assertSame(stdout, expected, `what it printed as ${format}`);
  } else {
    await left.until(({ stdout }) => stdout.length >= expected.length);
    assertSame(left.stdout.subarray(0, expected.length), expected, `what it printed as ${format}`);
  }
}

for (const tool of TOOLS) {
  for (const family of FAMILIES.filter((family) => tool.speaks(family))) {
    const [left, right] = [family.left.name, family.right.name];
    test(
      `our ${left} talks to ${tool.name} --${right} over ${TRANSPORT_NAMES}, bound and connected`,
      { skip: tool.skip },
      () =>
        inEachWay(
          MEETINGS,
          (meeting) => FORMATS.map((format) => speak({ family, tool, ...meeting }, format)),
        ),
    );
    test(
      `${tool.name} --${left} talks to our ${right} over ${TRANSPORT_NAMES}, bound and connected`,
      { skip: tool.skip },
      () =>
        inEachWay(
          MEETINGS,
          (meeting) =>
            MESSAGES.map((message, index) =>
              hear({ family, tool, ...meeting }, message, FORMATS[index]!)
            ),
        ),
    );
  }
}
