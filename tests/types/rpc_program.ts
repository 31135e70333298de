// A program that uses the types of services as others do. It is checked, not run: `declarations.test.ts`.

import { type Rep, Req } from "@nanostreams/nanostreams";
import {
  type BatchedCall,
  type CallOptions,
  type RpcClient,
  rpcClient,
  type RpcContext,
  type RpcError,
  serveRpc,
  withContext,
} from "@nanostreams/nanostreams/rpc";

/** True where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
function expectType<_Is extends true>(): void {}

interface Order {
  readonly item: string;
  readonly count: number;
}

const shop = {
  version: 3,
  add: (a: number, b: number) => a + b,
  order: async (item: string, count = 1): Promise<Order> => await Promise.resolve({ item, count }),
  sum: (...numbers: number[]) => numbers.reduce((a, b) => a + b, 0),
  find: ({ item }: { item: string }) => [item],
  wait: (limits: { timeout: number }) => limits.timeout,
  forget(_item: string): void {},
  who: withContext(({ peer, id, signal }: RpcContext, name: string) =>
    `${name} ${peer.remoteAddress} ${String(id)} ${signal.aborted}`
  ),
  $odd: () => 1,
  then: () => 2,
};

class Counter {
  #count = 0;
  increase(by: number): number {
    return this.#count += by;
  }
  get current(): number {
    return this.#count;
  }
}

interface Foreign {
  subtract(params: { minuend: number; subtrahend: number }): number;
}

/** A client has the implementation's methods, without their context. */
export async function clientsHaveMethods(options: CallOptions): Promise<void> {
  const client = rpcClient<typeof shop>(new Req());
  expectType<Same<ReturnType<typeof client.add>, Promise<number>>>();
  const sum: number = await client.add(1, 2);
  await client.add(1, 2, { timeout: 200, signal: AbortSignal.timeout(1), attempts: 1 });
  await client.add(1, 2, options);
  const { item }: Order = await client.order("tea");
  await client.order("tea", 2, options);
  await client.order("tea", undefined, options);
  await client.sum(1, 2, 3);
  await client.sum(1, 2, 3, { timeout: 5 });
  const found: string[] = await client.find({ item });
  await client.find({ item: "tea" }, { timeout: 5 });
  const nothing: void = await client.forget("tea");
  const name: string = await client.who("Ada");
  expectType<Same<Parameters<typeof shop.who>, [name: string]>>();
  void [sum, found, nothing, name];

  // @ts-expect-error The context is the service's.
  await client.who({} as RpcContext, "Ada");
  // @ts-expect-error A text is no number.
  await client.add(1, "2");
  // @ts-expect-error There is one parameter too few.
  await client.add(1);
  // @ts-expect-error There is one too many, which is no option.
  await client.add(1, 2, 3);
  // @ts-expect-error There is no such option.
  await client.add(1, 2, { timeOut: 5 });
  // @ts-expect-error There is no such method.
  await client.subtract(1, 2);
  // @ts-expect-error What is no function is no method.
  client.version;
  // @ts-expect-error Its parameter looks like the options of a call.
  await client.wait({ timeout: 5 });
  // @ts-expect-error A name that a client keeps for itself.
  client.$odd;
  // @ts-expect-error A client is no promise.
  client.then;
}

/** What cannot be called directly is called by name. */
export async function namesAreChecked(): Promise<void> {
  const client = rpcClient<typeof shop>(new Req());
  const waited: number = await client.$call("wait", [{ timeout: 5 }], { timeout: 10 });
  const odd: number = await client.$call("$odd");
  const then: number = await client.$call("then", []);
  const found: string[] = await client.$call("find", { item: "tea" });
  const none: void = await client.$notify("forget", ["tea"], { timeout: 10 });
  void [waited, odd, then, found, none];
  // @ts-expect-error There is no such method.
  await client.$call("subtract", [1, 2]);
  // @ts-expect-error A text is no number.
  await client.$call("add", ["1", 2]);
  // @ts-expect-error A notification has the method's parameters too.
  await client.$notify("forget", [1]);

  const foreign = rpcClient<Foreign>(new Req());
  const difference: number = await foreign.$call("subtract", { minuend: 42, subtrahend: 23 });
  await foreign.subtract({ minuend: 42, subtrahend: difference });
}

/** The results of a batch are those of its calls, one by one. */
export async function batchesHaveResults(error: RpcError): Promise<void> {
  const client = rpcClient<typeof shop>(new Req());
  const [sum, order, told, waited] = await client.$batch((call) => [
    call.add(1, 2),
    call.order("tea"),
    call.$notify("forget", ["tea"]),
    call.wait({ timeout: 5 }),
  ], { timeout: 200 });
  expectType<Same<typeof sum, PromiseSettledResult<number>>>();
  expectType<Same<typeof order, PromiseSettledResult<Order>>>();
  expectType<Same<typeof told, PromiseSettledResult<void>>>();
  expectType<Same<typeof waited, PromiseSettledResult<number>>>();
  const sums = await client.$batch((call) => [1, 2].map((n) => call.add(n, n)));
  for (const one of sums) {
    if (one.status === "fulfilled") one.value.toFixed();
    else console.log(one.reason === error);
  }
  // @ts-expect-error A call of a batch has no options of its own.
  await client.$batch((call) => [call.add(1, 2, { timeout: 5 })]);
  // @ts-expect-error What is no call.
  await client.$batch(() => [1]);
  const batched: BatchedCall<number> | undefined = undefined;
  void batched;
}

/** The methods of a class are called; what is unknown is called by any name. */
export async function otherApis(): Promise<void> {
  const counter: RpcClient<Counter> = rpcClient<Counter>(new Req());
  const count: number = await counter.increase(count1());
  // @ts-expect-error An accessor is no method.
  counter.current;
  const anything: unknown = await rpcClient(new Req()).$call("anything", [1, "two"]);
  void [count, anything];
}

const count1 = (): number => 1;

/** Options name methods of the implementation. */
export async function servicesAreChecked(rep: Rep): Promise<void> {
  await serveRpc(rep, shop, {
    methods: ["add", "who"],
    concurrency: 4,
    onError: (error, { method, peer }) =>
      method === "add" ? { code: 1, message: `${String(error)} ${peer.id}` } : undefined,
  });
  await serveRpc(rep, new Counter(), { methods: ["increase"], onError: async () => {} });
  // @ts-expect-error There is no such method.
  await serveRpc(rep, shop, { methods: ["subtract"] });
  // @ts-expect-error What is no function is no method.
  await serveRpc(rep, shop, { methods: ["version"] });
  // @ts-expect-error What is no schema.
  await serveRpc(rep, shop, { params: { add: true } });
  // @ts-expect-error A number is no service.
  await serveRpc(rep, 1);
}
