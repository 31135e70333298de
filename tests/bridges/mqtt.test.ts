/** The bridge between PUB/SUB and MQTT, with a real mosquitto that is restarted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { connectAsync, type MqttClient } from "mqtt";
import { Pub, Sub } from "../../mod.ts";
import { Broker, MOSQUITTO, sideOf, startBridge } from "./brokers.ts";

const { skip } = MOSQUITTO;
const text = (message: Uint8Array): string => new TextDecoder().decode(message);

/** A client of the broker, and the messages that it gets. */
async function connectTo(
  broker: Broker,
  clientId: string,
): Promise<{ client: MqttClient; heard: string[]; until(count: number): Promise<void> }> {
  const client = await connectAsync(broker.url, { clientId, clean: false, reconnectPeriod: 100 });
  client.on("error", () => {});
  const heard: string[] = [];
  const waiting = new Set<() => void>();
  client.on("message", (topic, payload) => {
    heard.push(`${topic} ${payload}`);
    for (const check of waiting) check();
  });
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (new Set(heard).size < count) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { client, heard, until };
}

test(
  "what is published goes both ways, with its topic, and does not come back",
  { skip },
  async () => {
    await using broker = await Broker.start("mqtt");
    await using bridge = startBridge("mqtt", { MQTT_URL: broker.url });
    await using pub = new Pub();
    pub.connect(await sideOf(bridge, "publishers"));
    await using sub = new Sub({ subscribe: "home/" });
    sub.connect(await sideOf(bridge, "subscribers"));
    const { client, heard, until } = await connectTo(broker, "test");
    await client.subscribeAsync("home/#", { qos: 1 });

    await pub.peers(1);
    await pub.send("home/kitchen/temperature 21.5 degrees");
    await until(1);
    assert.deepEqual(heard, ["home/kitchen/temperature 21.5 degrees"]);

    // The subscription may still be on its way.
    let isHeard = false;
    const received = sub.receive().finally(() => isHeard = true);
    while (!isHeard) await client.publishAsync("home/door", "open", { qos: 1 });
    assert.equal(text(await received), "home/door open");
    await client.endAsync();
  },
);

test(
  "bytes that are no text pass, and a topic that MQTT refuses stops nothing",
  { skip },
  async () => {
    await using broker = await Broker.start("mqtt");
    await using bridge = startBridge("mqtt", { MQTT_URL: broker.url });
    await using pub = new Pub();
    pub.connect(await sideOf(bridge, "publishers"));
    await pub.peers(1);
    const { client } = await connectTo(broker, "test");
    const payload = new Promise<Uint8Array>((resolve) =>
      client.on("message", (_, payload) => resolve(payload))
    );
    await client.subscribeAsync("raw", { qos: 1 });
    for (const topic of ["a/#/b", "", "x".repeat(70_000)]) await pub.send(`${topic} nowhere`);
    await pub.send(Uint8Array.of(...new TextEncoder().encode("raw "), 0, 255, 32, 128));
    assert.deepEqual([...await payload], [0, 255, 32, 128]);
    for (const topic of ["a/#/b", "", "x{100}"]) {
      await bridge.line(new RegExp(`^Cannot publish at "${topic}"$`));
    }
    await client.endAsync();
  },
);

test("nothing that comes while the broker is away is lost", { skip }, async () => {
  await using broker = await Broker.start("mqtt");
  await using bridge = startBridge("mqtt", { MQTT_URL: broker.url });
  await using pub = new Pub();
  pub.connect(await sideOf(bridge, "publishers"));
  await pub.peers(1);
  await using sub = new Sub({ subscribe: "to-sp" });
  sub.connect(await sideOf(bridge, "subscribers"));
  const { client, heard, until } = await connectTo(broker, "test");
  await client.subscribeAsync("to-mqtt", { qos: 1 });
  const numbers = Array.from({ length: 50 }, (_, index) => index);

  await pub.send("to-mqtt first");
  await until(1);
  await broker.down("SIGTERM");
  for (const number of numbers) await pub.send(`to-mqtt ${number}`);
  const published = numbers.map((number) =>
    client.publishAsync("to-sp", String(number), { qos: 1 })
  );
  await broker.up();
  await Promise.all([until(51), ...published]);
  assert.deepEqual(
    [...new Set(heard)],
    ["to-mqtt first", ...numbers.map((number) => `to-mqtt ${number}`)],
  );

  const received = new Set<string>();
  while (received.size < numbers.length) received.add(text(await sub.receive()));
  assert.deepEqual([...received], numbers.map((number) => `to-sp ${number}`));
  await client.endAsync();
});
