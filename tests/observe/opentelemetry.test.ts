/** `observe`: a socket's figures as OpenTelemetry collects them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import { Pull, Push } from "../../mod.ts";
import * as zmtp from "../../zmtp/mod.ts";
import { observe } from "../../observe/mod.ts";
import { utf8 } from "../helpers/bytes.ts";
import { MockPlace } from "../helpers/mock_transport.ts";
import { peerOf, StubSocket } from "./stubs.ts";

/** Collects when the test wants it. */
class Reader extends MetricReader {
  constructor() {
    super({
      aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE,
    });
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

type Attributes = Readonly<Record<string, unknown>>;

class Collection {
  readonly reader: Reader = new Reader();
  readonly provider: MeterProvider = new MeterProvider({ readers: [this.reader] });

  /** All values, by instrument. */
  async collect(): Promise<Map<string, { value: number; attributes: Attributes }[]>> {
    const { resourceMetrics, errors } = await this.reader.collect();
    assert.deepEqual(errors, []);
    const metrics = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
    return new Map(metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      dataPoints.map(({ value, attributes }) => ({ value: value as number, attributes })),
    ]));
  }

  /** Those of an instrument that are not 0, by the attributes that are not those of every value. */
  async valuesOf(name: string): Promise<[number, Attributes][]> {
    const points = (await this.collect()).get(name) ?? [];
    return points.filter(({ value }) => value !== 0).map(({ value, attributes }) => {
      const {
        "messaging.system": _system,
        "nanostreams.protocol": _protocol,
        "nanostreams.socket": _socket,
        ...rest
      } = attributes;
      return [value, rest];
    });
  }
}

test("the figures of a socket are collected, with their attributes", async () => {
  const collection = new Collection();
  await using pull = new Pull();
  const place = await MockPlace.of(pull);
  using _observed = observe(pull, collection.provider.getMeter("test"), { name: "jobs" });
  (await place.peer()).deliver(utf8("123"), utf8("4567"));
  await pull.receive();
  const values = await collection.collect();
  assert.deepEqual(values.get("messaging.client.consumed.messages"), [{
    value: 2,
    attributes: {
      "messaging.system": "nanostreams",
      "messaging.operation.name": "receive",
      "nanostreams.protocol": "pull",
      "nanostreams.socket": "jobs",
    },
  }]);
  assert.deepEqual(await collection.valuesOf("nanostreams.network.io"), [
    [7, { "network.io.direction": "receive" }],
  ]);
  assert.deepEqual(await collection.valuesOf("nanostreams.opened.connections"), [
    [1, { "nanostreams.role": "bind" }],
  ]);
  assert.deepEqual(await collection.valuesOf("nanostreams.queued.messages"), [[1, {}]]);
  assert.deepEqual(await collection.valuesOf("nanostreams.peer.count"), [[1, {}]]);
});

test("instruments have their unit, their meaning, and go up and down if their value does", async () => {
  const collection = new Collection();
  observe(new StubSocket(), collection.provider.getMeter("test"));
  const { resourceMetrics } = await collection.reader.collect();
  const metrics = resourceMetrics.scopeMetrics[0]!.metrics;
  const peers = metrics.find(({ descriptor }) => descriptor.name === "nanostreams.peer.count")!;
  assert.equal(peers.descriptor.unit, "{peer}");
  assert.equal(peers.descriptor.description, "Peers that are connected.");
  assert.equal("isMonotonic" in peers && peers.isMonotonic, false);
  const io = metrics.find(({ descriptor }) => descriptor.name === "nanostreams.network.io")!;
  assert.equal("isMonotonic" in io && io.isMonotonic, true);
  assert.equal(io.descriptor.unit, "By");
});

test("reasons of drops and codes of rejections are error.type", async () => {
  const collection = new Collection();
  const { connections } = new StubSocket().figures;
  const socket = new StubSocket({
    drops: { overflow: 3 },
    connections: { ...connections, rejections: { EPROTO: 2 } },
  });
  observe(socket, collection.provider.getMeter("test"));
  assert.deepEqual(await collection.valuesOf("nanostreams.dropped.messages"), [
    [3, { "error.type": "overflow" }],
  ]);
  assert.deepEqual(await collection.valuesOf("nanostreams.rejected.connections"), [
    [2, { "error.type": "EPROTO" }],
  ]);
});

test("several sockets share a meter, of either wire, each looked at once a collection", async () => {
  const collection = new Collection();
  const meter = collection.provider.getMeter("test");
  await using pull = new zmtp.Pull();
  await using push = new Push();
  const stub = new StubSocket();
  for (const socket of [pull, push, stub]) observe(socket, meter);
  const looks = stub.looks;
  const peers = (await collection.collect()).get("nanostreams.peer.count")!;
  assert.equal(peers.length, 3);
  assert.equal(new Set(peers.map(({ attributes }) => attributes["nanostreams.socket"])).size, 3);
  assert.equal(stub.looks, looks + 1);
});

test("attributes may be added, and take the place of ours", async () => {
  const collection = new Collection();
  const attributes = { "messaging.system": "zeromq", "deployment": "lab" };
  observe(new StubSocket(), collection.provider.getMeter("test"), { name: "a", attributes });
  const [peers] = (await collection.collect()).get("nanostreams.peer.count")!;
  assert.deepEqual(peers!.attributes, {
    ...attributes,
    "nanostreams.protocol": "pull",
    "nanostreams.socket": "a",
  });
});

test("endpoints and peers have values of their own if that is asked for", async () => {
  const collection = new Collection();
  const { connections } = new StubSocket().figures;
  const address = "tcp://127.0.0.1:5555";
  const endpoint = { ...connections, accepted: 4, role: "bind", peers: 1, inProgress: 0 } as const;
  const socket = new StubSocket({
    endpoints: [{ ...endpoint, address }],
    peers: [peerOf(7, { messagesReceived: 5 })],
  });
  observe(socket, collection.provider.getMeter("test"), { endpoints: true, peers: true });
  assert.deepEqual(await collection.valuesOf("nanostreams.endpoint.opened.connections"), [
    [4, { "nanostreams.endpoint": address, "nanostreams.role": "bind" }],
  ]);
  assert.deepEqual(await collection.valuesOf("nanostreams.peer.received.messages"), [
    [5, {
      "nanostreams.endpoint": address,
      "nanostreams.peer.id": "7",
      "network.peer.address": "tcp://10.0.0.1:7",
    }],
  ]);
});

test("after the socket is closed its last figures are collected once, and no more", async () => {
  const collection = new Collection();
  const meter = collection.provider.getMeter("test");
  const [first, second, third] = [new StubSocket(), new StubSocket(), new StubSocket()];
  observe(first, meter, { name: "first" });
  observe(second, meter, { name: "second" });
  observe(third, meter, { name: "third" });
  await collection.collect();
  second.figures = { ...second.figures, drops: { closed: 2 } };
  second.close();
  await second.closed;
  const looks = [first, second, third].map((socket) => socket.looks);
  const dropped = await collection.collect();
  await collection.collect();
  assert.deepEqual(
    [first, second, third].map((socket, at) => socket.looks - looks[at]!),
    [2, 0, 2],
    "others go on",
  );
  const points = dropped.get("nanostreams.dropped.messages")!;
  const closed = points.filter(({ attributes }) =>
    attributes["nanostreams.socket"] === "second" && attributes["error.type"] === "closed"
  );
  assert.deepEqual(closed.map(({ value }) => value), [2]);
});

test("the last figures of a closed socket reach the exporter", async () => {
  const collection = new Collection();
  const pull = new Pull();
  const place = await MockPlace.of(pull);
  observe(pull, collection.provider.getMeter("test"));
  (await place.peer()).deliver(utf8("not read"));
  await pull.close();
  const drops = await collection.valuesOf("nanostreams.dropped.messages");
  assert.deepEqual(drops, [[1, { "error.type": "closed" }]]);
});

test("what is disposed of looks at the socket no more", async () => {
  const collection = new Collection();
  const socket = new StubSocket();
  const observed = observe(socket, collection.provider.getMeter("test"));
  const looks = socket.looks;
  observed[Symbol.dispose]();
  observed[Symbol.dispose]();
  await collection.collect();
  assert.equal(socket.looks, looks);
  socket.close();
  await collection.collect();
});

test("an option that is none is refused", () => {
  const meter = new Collection().provider.getMeter("test");
  assert.throws(() => observe(new StubSocket(), meter, { label: "a" } as never), {
    message: `Unknown option "label" in observe's options; there are: attributes, endpoints, ` +
      "name, peers",
  });
});

test("the exporter of the SDK takes what is collected", async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const collection = new Collection();
  observe(new StubSocket({ messagesReceived: 5 }), collection.provider.getMeter("test"));
  const { resourceMetrics } = await collection.reader.collect();
  await new Promise<void>((resolve) => exporter.export(resourceMetrics, () => resolve()));
  assert.equal(exporter.getMetrics().length, 1);
});
