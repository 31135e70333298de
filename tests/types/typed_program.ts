// A program that uses sockets with codecs as others do. It is checked, not run: `declarations.test.ts`.

import {
  Bus,
  type Codec,
  type MessageLike,
  Pair,
  Pub,
  Pull,
  Push,
  type ReceivedMessage,
  type Receiver,
  Rep,
  Req,
  Respondent,
  type Sender,
  Sub,
  Surveyor,
} from "@nanostreams/nanostreams";

interface Load {
  readonly cpu: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** True if both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;

declare const load: Codec<Load>;
/** Takes more than it gives. */
declare const loose: Codec<Load, Load | number>;
declare const count: Codec<number>;

function expectSame<A, B>(..._same: Same<A, B> extends true ? [] : [never]): void {}

/** What a socket hands out and takes is what its codec makes of messages, and what it makes messages of. */
export async function codecsTypeSockets(): Promise<void> {
  const pull = new Pull({ codec: load });
  expectSame<typeof pull, Pull<Load>>();
  const message: Load = await pull.receive();
  expectSame<Awaited<ReturnType<typeof pull.receiveBatch>>, Load[]>();
  expectSame<typeof pull.readable, ReadableStream<Load>>();
  for await (const one of pull) expectSame<typeof one, Load>();
  for await (const one of pull.messages()) expectSame<typeof one, ReceivedMessage<Load>>();

  const push = new Push({ codec: load });
  expectSame<typeof push, Push<Load>>();
  await push.send(message);
  expectSame<typeof push.writable, WritableStream<Load>>();
  // @ts-expect-error A PUSH of loads sends no text.
  await push.send("cpu");

  const sub = new Sub({ codec: load, subscribe: "cpu" });
  expectSame<typeof sub, Sub<Load>>();
  const pub = new Pub({ codec: loose });
  expectSame<typeof pub, Pub<Load | number>>();
  await pull.readable.pipeTo(pub.writable);

  const pair = new Pair({ codec: load });
  expectSame<typeof pair, Pair<Load>>();
  expectSame<typeof pair, Pair<Load, Load>>();
  const bus = new Bus({ codec: loose });
  expectSame<typeof bus, Bus<Load, Load | number>>();

  const receiver: Receiver<Load> = sub;
  const sender: Sender<Load> = bus;
  await receiver.readable.pipeTo(sender.writable);
}

/** Sockets that ask and answer have two types. */
export async function codecsTypeQuestionsAndAnswers(): Promise<void> {
  const codec = { request: load, reply: count };
  const req = new Req({ codec });
  expectSame<typeof req, Req<Load, number>>();
  const reply: number = await req.request({ cpu: 1 }, { timeout: 100 });
  // @ts-expect-error The question is a load.
  await req.request(reply);

  const rep = new Rep({ codec });
  expectSame<typeof rep, Rep<Load, number>>();
  await rep.serve(({ cpu }, { peer }) => cpu + peer.id, {
    onError: (_error, question) => question instanceof Uint8Array ? -1 : question.cpu,
  });
  // @ts-expect-error The answer is a number.
  await rep.serve(({ cpu }) => `${cpu}`);
  for await (const question of rep.requests()) await question.reply(question.message.cpu);

  const one = new Req({ codec: count });
  expectSame<typeof one, Req<number, number>>();

  const surveyor = new Surveyor({ codec });
  expectSame<typeof surveyor, Surveyor<Load, number>>();
  expectSame<ReturnType<typeof surveyor.survey>, ReadableStream<number>>();
  expectSame<ReturnType<typeof surveyor.responses>, ReadableStream<ReceivedMessage<number>>>();
  const respondent = new Respondent({ codec });
  expectSame<typeof respondent, Respondent<Load, number>>();
  for await (const question of respondent.surveys()) await question.reply(question.message.cpu);
}

/** A service of one's own. */
export class Counter extends Rep<Load, number> {
  constructor() {
    super({ codec: { request: load, reply: count } });
  }

  async run(): Promise<void> {
    await this.serve(({ cpu }) => cpu);
    for await (const { message, reply } of this.requests()) await reply(message.cpu);
  }
}

/** Functions may be of any socket, and classes chosen at run time. */
export async function codecsTypeFunctions(isPublished: boolean): Promise<void> {
  async function forward<T>(from: Receiver<T>, to: Sender<T>): Promise<void> {
    for await (const message of from) await to.send(message);
    await from.readable.pipeTo(to.writable);
  }
  await forward(new Pull({ codec: load }), new Push({ codec: load }));
  await forward(new Pull(), new Push());
  const open = <T>(codec: Codec<T>): Pair<T, T> => new Pair({ codec });
  expectSame<ReturnType<typeof open<Load>>, Pair<Load>>();

  const Class = isPublished ? Pub : Push;
  await new Class({ codec: load }).send({ cpu: 1 });
  await new Class().send("text");
  const service: Rep<Load, number> = new Counter();
  await service.close();
}

/** Without a codec, bytes come out, and text or bytes go in. */
export function withoutCodecsTypesAreAsTheyWere(): void {
  const pull = new Pull({ receiveBuffer: 1 });
  expectSame<typeof pull, Pull<Bytes>>();
  const push = new Push();
  expectSame<typeof push, Push<MessageLike>>();
  const pair = new Pair();
  expectSame<typeof pair, Pair<Bytes, MessageLike>>();
  const req = new Req({ concurrency: 1 });
  expectSame<typeof req, Req<MessageLike, Bytes>>();
  const rep = new Rep();
  expectSame<typeof rep, Rep<Bytes, MessageLike>>();
  const typed: Pull = pull;
  typed.messages();
  // @ts-expect-error A codec that cannot decode.
  new Pull({ codec: { encode: () => "" } });
}
