import { json } from "../../codecs/mod.ts";
import { Pull, Push, type Receiver, type Sender } from "../../mod.ts";
import { Meter, type Role, say, type Settings } from "../lib/worker.ts";

interface Load {
  readonly topic: string;
  readonly value: number;
  readonly tags: readonly string[];
}

const load: Load = { topic: "cpu.load", value: 0.123456789, tags: ["a", "b", "c"] };
const bytes = new TextEncoder().encode(JSON.stringify(load));
const decoder = new TextDecoder();

/** Binds a PULL, and counts what comes once it is a value. */
export const take: Role = async (settings) => {
  const codec = json<Load>();
  if (settings.format === "codec") {
    return await takeAll(new Pull({ codec }), (value) => value, settings);
  }
  const parse = (message: Uint8Array): Load => JSON.parse(decoder.decode(message));
  await takeAll(new Pull(), settings.format === "bytes" ? () => load : parse, settings);
};

/** Connects a PUSH that sends one value again and again. */
export const give: Role = async (settings) => {
  const codec = json<Load>();
  if (settings.format === "codec") return await giveAll(new Push({ codec }), () => load, settings);
  await giveAll(
    new Push(),
    settings.format === "bytes" ? () => bytes : () => JSON.stringify(load),
    settings,
  );
};

async function takeAll<Message>(
  pull: Pull<Message>,
  use: (message: Message) => Load,
  settings: Settings,
): Promise<void> {
  await pull.bind(settings.address);
  say({ ready: 1 });
  const meter = new Meter(settings);
  const { length } = bytes;
  const receiver: Receiver<Message> = pull;
  if (settings.face === "calls") {
    for (;;) if (use(await receiver.receive()).value === load.value) meter.add(length);
  }
  const reader = receiver.readable.getReader();
  for (;;) {
    const { value } = await reader.read();
    if (use(value!).value === load.value) meter.add(length);
  }
}

async function giveAll<Chunk>(
  push: Push<Chunk>,
  make: () => Chunk,
  settings: Settings,
): Promise<void> {
  push.connect(settings.address);
  const sender: Sender<Chunk> = push;
  if (settings.face === "calls") { for (;;) await sender.send(make()); }
  const writer = sender.writable.getWriter();
  for (;;) {
    await writer.ready;
    writer.write(make());
  }
}
