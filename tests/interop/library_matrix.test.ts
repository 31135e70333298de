import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { DuplexSocket } from "../../mod.ts";
import { temporaryFolder } from "../conformance/transports.ts";
import { type Child, PATIENCE } from "../helpers/process.ts";
import { FAMILIES, type Family } from "./families.ts";
import { ANSWER, type Format, FORMATS, MESSAGES, printed } from "./messages.ts";
import { SOON, type Transport, TRANSPORTS } from "./places.ts";
import { type Tool, TOOLS } from "./tools.ts";

const { folder } = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));

const files = new Map<Uint8Array, string>();
/** A file with the message in it. */
function saved(message: Uint8Array): string {
  let path = files.get(message);
  if (path === undefined) {
    path = join(folder, String(files.size));
    files.set(message, path);
    writeFileSync(path, message);
  }
  return path;
}

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

/** Some messages are too long to be shown. */
function assertSame(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const show = (data: Uint8Array): string =>
    `${data.length} bytes, ${Buffer.from(data.subarray(0, 40)).toString("latin1")}`;
  assert.fail(`${what}: ${show(actual)}; wanted ${show(expected)}`);
}

interface Meeting {
  readonly transport: Transport;
  /** What our side does. */
  readonly role: "bind" | "connect";
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
  await using right = tool.start({
    family,
    side: "right",
    role: theirs(what),
    address,
    format,
    file: saved(ANSWER),
  });
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

/** A tool says one message, and prints what we say back. */
async function hear(what: Case, message: Uint8Array, format: Format): Promise<void> {
  const { family, tool, transport, role } = what;
  await using place = await transport.open();
  await using right = family.right.open();
  const { address } = place;
  if (role === "bind") await right.bind(address);
  await using left = tool.start({
    family,
    side: "left",
    role: theirs(what),
    address,
    format,
    file: saved(message),
  });
  if (role === "connect") right.connect(address, SOON);

  assertSame(await from(left, (limit) => right.receive(limit)), message, "what it sent");
  if (!(right instanceof DuplexSocket)) return;
  await right.send(ANSWER);
  const expected = printed(ANSWER, format);
  if (family.talk === "asks" && !family.loses) {
    const { code, stderr } = await left.finished();
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  } else await left.until(({ stdout }) => stdout.length >= expected.length);
  assertSame(left.stdout, expected, `what it printed as ${format}`);
}

/** Runs a conversation on each transport, with either side bound, all at once. */
async function everywhere(run: (place: Meeting) => Promise<void>[]): Promise<void> {
  const meetings = TRANSPORTS.flatMap((transport) =>
    (["bind", "connect"] as const).map((role) => ({ transport, role }))
  );
  await Promise.all(meetings.map((meeting) =>
    Promise.all(run(meeting)).catch((cause) => {
      const how = `over ${meeting.transport.name}, where ours is to ${meeting.role}`;
      throw new Error(`${how}: ${cause.message}`, { cause });
    })
  ));
}

const transports = TRANSPORTS.map(({ name }) => name).join(" and ");

for (const tool of TOOLS) {
  for (const family of FAMILIES.filter((family) => tool.speaks(family))) {
    const [left, right] = [family.left.name, family.right.name];
    test(
      `our ${left} talks to ${tool.name} --${right} over ${transports}, bound and connected`,
      { skip: tool.skip },
      () =>
        everywhere((meeting) =>
          FORMATS.map((format) => speak({ family, tool, ...meeting }, format))
        ),
    );
    test(
      `${tool.name} --${left} talks to our ${right} over ${transports}, bound and connected`,
      { skip: tool.skip },
      () =>
        everywhere((meeting) =>
          MESSAGES.map((message, index) =>
            hear({ family, tool, ...meeting }, message, FORMATS[index]!)
          )
        ),
    );
  }
}
