import { type FileHandle, mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Codec } from "../formats/format.ts";
import { toBytes } from "../formats/lib/bytes.ts";
import { StreamDecoder } from "../formats/streams.ts";
import { later, now, type Sample, secondsBetween, type Timestamp } from "../model/sample.ts";
import { sleep, ticks } from "../model/schedule.ts";
import { strftime } from "./lib/strftime.ts";
import type { Node, NodeContext, NodeType } from "./node.ts";

const EPOCH_MODES = ["direct", "wait", "relative", "absolute", "original"] as const;
const ENDS = ["stop", "exit", "rewind", "wait"] as const;
/** Bytes that are read at once. */
const CHUNK = 64 * 1024;
/** How often a file is looked at for more, in milliseconds. */
const POLL = 100;
/** Samples that go out at once where nothing paces them. */
const BATCH = 64;

class FileNode implements Node {
  readonly details: string;
  readonly endsProgram: boolean;
  readonly #context: NodeContext;
  readonly #path: string;
  readonly #mode: typeof EPOCH_MODES[number];
  readonly #epoch: number;
  readonly #rate: number;
  readonly #end: typeof ENDS[number];
  readonly #skip: number;
  readonly #flush: boolean;
  readonly #stopped = new AbortController();
  #file: FileHandle | undefined;
  #isEmpty = true;
  #codec: Codec | undefined;

  constructor(context: NodeContext) {
    const { settings, in: input, out } = context;
    const uri = settings.string("uri");
    if (uri === undefined) throw settings.error("uri", 'Missing "uri"');
    this.#context = context;
    this.#path = strftime(uri.replace(/^file:\/\//, ""), new Date());
    this.#mode = input.oneOf("epoch_mode", EPOCH_MODES) ?? "direct";
    this.#epoch = input.number("epoch") ?? 0;
    this.#rate = input.number("rate", 0) ?? 0;
    this.#end = input.oneOf("eof", ENDS) ?? "stop";
    this.endsProgram = this.#end === "exit";
    this.#skip = input.integer("skip", 0) ?? 0;
    this.#flush = out.boolean("flush") ?? false;
    this.details = `uri=${this.#path}, epoch_mode=${this.#mode}, eof=${this.#end}`;
  }

  async start(): Promise<void> {
    this.#codec = await this.#context.format("villas.human", "stream");
    await mkdir(dirname(this.#path), { recursive: true });
    this.#file = await open(this.#path, "a+");
    this.#isEmpty = (await stat(this.#path)).size === 0;
  }

  async *read(): AsyncGenerator<readonly Sample[]> {
    let skip = this.#skip;
    for await (const samples of this.#paced(this.#samples())) {
      const rest = samples.slice(skip);
      skip = Math.max(0, skip - samples.length);
      if (rest.length > 0) yield rest;
    }
    if (!this.#stopped.signal.aborted) this.#context.log.info("Reached end-of-file.");
  }

  /** The samples as they are in the file, again and again if it is to be rewound. */
  async *#samples(): AsyncGenerator<Sample[]> {
    const { signal } = this.#stopped;
    let decoder = new StreamDecoder(this.#codec!);
    let position = 0;
    let found = 0;
    while (!signal.aborted) {
      const { bytesRead, buffer } = await this.#file!.read(
        new Uint8Array(CHUNK),
        0,
        CHUNK,
        position,
      );
      position += bytesRead;
      if (bytesRead > 0) {
        const samples = decoder.push(buffer.subarray(0, bytesRead));
        found += samples.length;
        if (samples.length > 0) yield samples;
        continue;
      }
      if (this.#end === "wait") {
        await sleep(POLL, signal);
        continue;
      }
      const last = decoder.end();
      found += last.length;
      if (last.length > 0) yield last;
      if (this.#end !== "rewind") return;
      // A file without samples would be read for ever, without a pause.
      if (found === 0) await sleep(POLL, signal);
      this.#context.log.info("Rewind input file");
      decoder = new StreamDecoder(this.#codec!);
      position = found = 0;
    }
  }

  /** The samples when they are due. */
  async *#paced(batches: AsyncIterable<Sample[]>): AsyncGenerator<Sample[]> {
    const { signal } = this.#stopped;
    if (this.#mode === "original") {
      for await (const samples of batches) {
        for (let at = 0; at < samples.length && !signal.aborted; at += BATCH) {
          yield samples.slice(at, at + BATCH);
        }
      }
    } else if (this.#rate > 0) yield* this.#atRate(batches);
    else yield* this.#atTheirTimes(batches);
  }

  async *#atRate(batches: AsyncIterable<Sample[]>): AsyncGenerator<Sample[]> {
    const clock = ticks(this.#rate, this.#stopped.signal);
    let due = 0;
    for await (const samples of batches) {
      for (let at = 0; at < samples.length;) {
        if (due === 0) due = (await clock.next()).value?.count ?? 0;
        if (due === 0) return;
        const taken = samples.slice(at, at + due);
        yield taken.map((sample) => ({ ...sample, origin: now() }));
        at += taken.length;
        due -= taken.length;
      }
    }
  }

  async *#atTheirTimes(batches: AsyncIterable<Sample[]>): AsyncGenerator<Sample[]> {
    const { signal } = this.#stopped;
    let offset: number | undefined;
    for await (const samples of batches) {
      for (const sample of samples) {
        if (signal.aborted) return;
        const origin = sample.origin ?? now();
        offset ??= this.#offset(origin);
        const due = later(origin, offset);
        await sleep(secondsBetween(now(), due) * 1000, signal);
        if (signal.aborted) return;
        yield [{ ...sample, origin: due, received: undefined }];
      }
    }
  }

  /** The seconds from the time in the file to the time when a sample is due. */
  #offset(first: Timestamp): number {
    switch (this.#mode) {
      case "direct":
        return secondsBetween(first, now()) + this.#epoch;
      case "wait":
        return secondsBetween([0, 0], now()) + this.#epoch;
      case "absolute":
        return secondsBetween(first, [0, 0]) + this.#epoch;
      default:
        return this.#epoch;
    }
  }

  async write(samples: readonly Sample[]): Promise<void> {
    const codec = this.#codec!;
    if (this.#isEmpty && codec.header !== undefined) {
      await this.#file!.appendFile(toBytes(codec.header(samples[0]!.signals)));
    }
    this.#isEmpty = false;
    await this.#file!.appendFile(codec.encode(samples));
    if (this.#flush) await this.#file!.datasync();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** `file`: samples of a file, at their own pace or another, and samples appended to one. */
export const file: NodeType = {
  name: "file",
  create: (context): Node => new FileNode(context),
};
