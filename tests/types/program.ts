// A program that uses the public types as others do. It is checked, not run: `declarations.test.ts`.

import {
  attachInproc,
  type ByteDuplex,
  device,
  type DeviceStats,
  FrameDecoderStream,
  FrameEncoderStream,
  Pair,
  Pub,
  Pull,
  Push,
  type RawMessageLike,
  RawSocket,
  type Receiver,
  Rep,
  Req,
  type Sender,
  type Socket,
  type SocketStats,
  Sub,
  Surveyor,
  TextMessageDecoderStream,
} from "@nanostreams/nanostreams";
import { Bus } from "@nanostreams/nanostreams/browser";
import type { SPError } from "@nanostreams/nanostreams/zmtp";
import type { SPError as SPErrorInPages } from "@nanostreams/nanostreams/zmtp/browser";

/** What comes out lies in memory of its own, which the platform's APIs insist on. */
export async function messagesComeInPlainMemory(): Promise<void> {
  const pull = new Pull();
  new Blob([await pull.receive()]);
  new Blob(await pull.receiveBatch());
  for await (const message of pull) new Blob([message]);
  const { value } = await pull.readable.getReader().read();
  if (value !== undefined) new Blob([value]);
  const response: Uint8Array<ArrayBuffer> = await new Req().request("question");
  await crypto.subtle.digest("SHA-256", response);
  const answers: ReadableStream<Uint8Array<ArrayBuffer>> = new Surveyor().survey("who?");
  const one = await answers.getReader().read();
  if (one.value !== undefined) new Blob([one.value]);
  await new Rep().serve((question) => {
    new Blob([question]);
    return question;
  }, { onError: (_error, question) => new Blob([question]).size > 0 ? question : undefined });

  const raw = new RawSocket("rep");
  const { header, body } = await raw.receive();
  new Blob([header, body]);
  for (const message of await raw.receiveBatch()) new Blob([message.header, message.body]);
  for await (const message of raw) new Blob([message.header, message.body]);
  const framed: ReadableStream<Uint8Array<ArrayBuffer>> = new FrameEncoderStream().readable;
  const frames = framed.pipeThrough(new FrameDecoderStream());
  const frame: Uint8Array<ArrayBuffer> | undefined = (await frames.getReader().read()).value;
  if (frame !== undefined) new Blob([frame]);
}

/** What goes in may be any bytes. */
export async function anyBytesAreSent(bytes: Uint8Array): Promise<void> {
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  const pair = new Pair();
  await pair.send(bytes);
  await pair.send(shared);
  await pair.writable.getWriter().write(bytes);
  await new Req().request(shared);
  await new RawSocket("req").send({ header: shared, body: bytes });
  await new FrameEncoderStream().writable.getWriter().write({ header: bytes, body: shared });
  await new FrameDecoderStream().writable.getWriter().write(shared);
}

/** Messages go from socket to socket, and through transforms. */
export function streamsFitTogether(pull: Pull, push: Push, req: Req, rep: Rep): Promise<unknown> {
  const texts: ReadableStream<string> = pull.readable.pipeThrough(new TextMessageDecoderStream());
  return Promise.all([
    texts.pipeThrough(req).pipeTo(push.writable),
    rep.readable.pipeTo(rep.writable),
  ]);
}

function tell(to: Sender): Promise<void> {
  return to.send("news");
}

async function hear(from: Receiver): Promise<Blob> {
  for await (const message of from) return new Blob([message]);
  return new Blob(await from.receiveBatch());
}

async function relay(from: Receiver, to: Sender & Socket): Promise<void> {
  await from.readable.pipeTo(to.writable);
  await to.close();
}

/** A function that wants to send, or to receive, takes every socket that can. */
export async function socketsAreSendersAndReceivers(): Promise<void> {
  for (const socket of [new Pair(), new Push(), new Pub(), new Req(), new Rep(), new Bus()]) {
    await tell(socket);
  }
  for (const socket of [new Pair(), new Pull(), new Sub(), new Req(), new Rep(), new Bus()]) {
    await hear(socket);
  }
  await relay(new Pair(), new Pair());
  const raw: Sender<RawMessageLike> = new RawSocket("req");
  await raw.send({ body: "raw" });
  // @ts-expect-error A PULL does not send.
  await tell(new Pull());
  // @ts-expect-error A PUB does not receive.
  await hear(new Pub());
  // @ts-expect-error A PUB has nothing to read.
  new Pub().readable;
}

/** Streams of bytes make a peer, whoever's they are. */
export function streamsAreAttached(streams: ByteDuplex, any: TransformStream): void {
  const socket = new Pair();
  socket.attach(streams);
  socket.attach(any);
  socket.attach(new TransformStream<Uint8Array, Uint8Array>());
  socket.attach(new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>());
  // @ts-expect-error Texts are not bytes.
  socket.attach(new TransformStream<string, string>());
}

/** Statistics are for reading. */
export function statisticsAreReadOnly(stats: SocketStats, through: DeviceStats): void {
  // @ts-expect-error A snapshot's figure.
  stats.messagesSent = 0;
  // @ts-expect-error A list in a snapshot.
  stats.peers.length = 0;
  // @ts-expect-error A list in a snapshot.
  stats.endpoints.push();
  for (const peer of stats.peers) {
    // @ts-expect-error A peer's figure.
    peer.queuedBytes = 0;
    // @ts-expect-error Drops of a reason.
    peer.drops.overflow = 0;
  }
  for (const endpoint of stats.endpoints) {
    // @ts-expect-error An endpoint's figure.
    endpoint.peers = 0;
  }
  // @ts-expect-error A device's figure.
  through.forward.messages = 0;
}

/** What a worker and its thread share. */
export function workersFit(): void {
  attachInproc().close();
  device(new RawSocket("rep"), new RawSocket("req"));
}

/** Errors of one door are those of the others. */
export function errorsAreTheSame(error: SPError): SPErrorInPages {
  return error;
}
