/** The examples for Deno, in processes of their own. `tests/jsr/std.test.ts` runs this where JSR can be reached. */

import { Pull, Sub } from "@nanostreams/nanostreams";
import { assertEquals } from "@std/assert/equals";

const text = (message: Uint8Array): string => new TextDecoder().decode(message);

function example(name: string, ...args: string[]): Deno.ChildProcess {
  const file = new URL(`../../../examples/deno/${name}`, import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", file, ...args],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
}

Deno.test("send_lines.ts sends each line of its input as a message", async () => {
  await using pull = new Pull();
  const { address } = await pull.bind("tcp://127.0.0.1:0");
  await using child = example("send_lines.ts", address);
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("one\ntw"));
  await writer.write(new TextEncoder().encode("o\r\nthree"));
  await writer.close();
  const messages = [await pull.receive(), await pull.receive(), await pull.receive()];
  assertEquals(messages.map(text), ["one", "two", "three"]);
  await child.stdout.cancel();
  assertEquals((await child.status).code, 0);
});

Deno.test("publish_output.ts publishes what a program prints", async () => {
  await using child = example("publish_output.ts", "tcp://127.0.0.1:0", "printf", "a\\nb\\n");
  await child.stdin.close();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const [address = ""] = /tcp:\S+/.exec((await output.read()).value ?? "") ?? [];
  await using sub = new Sub({ subscribe: "" });
  sub.connect(address);
  assertEquals([text(await sub.receive()), text(await sub.receive())], ["a", "b"]);
  await output.cancel();
  assertEquals((await child.status).code, 0);
});
