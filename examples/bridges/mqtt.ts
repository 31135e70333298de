// Events between PUB/SUB and MQTT, both ways. In a message of PUB/SUB the topic comes first, then a space, then the rest:
// "home/kitchen/temperature 21.5" is 21.5 at home/kitchen/temperature.
//
//   mosquitto
//   node examples/bridges/mqtt.ts
//   nanostreams pub --connect tcp://127.0.0.1:5580 --data "home/kitchen/temperature 21.5"
//   nanostreams sub tcp://127.0.0.1:5581 --subscribe home/
//
// Between the bridge and the broker it is QoS 1: at least once, even if the broker restarts. PUB/SUB
// keeps nothing for subscribers that are away.
import { Buffer } from "node:buffer";
import process from "node:process";
import { connect } from "mqtt";
import { Pub, Sub } from "@nanostreams/nanostreams";

/** With `PORT=0` each address gets a port of its own. */
const port = Number(process.env["PORT"] ?? 5580);
const broker = process.env["MQTT_URL"] ?? "mqtt://127.0.0.1:1883";
const qos = 1;

const sub = new Sub({ subscribe: "" });
const pub = new Pub();

const client = connect(broker, {
  clientId: process.env["MQTT_ID"] ?? "nanostreams-bridge", // by this name, the broker keeps what comes while we are away
  clean: false,
  protocolVersion: 5,
  properties: { sessionExpiryInterval: 24 * 60 * 60, receiveMaximum: 64 },
  reconnectPeriod: 500,
});
client.on("error", (error) => console.error(error.message)); // it keeps connecting

// MQTT → PUB: the broker is told that a message has come once `pub` has taken it.
client.handleMessage = ({ topic, payload }, done) => {
  pub.send(Buffer.concat([Buffer.from(`${topic} `), Buffer.from(payload)])).then(
    () => done(),
    done,
  );
};
await client.subscribeAsync("#", { qos, nl: true }); // nl: not what we publish ourselves

// SUB → MQTT: one message at a time, each once the broker has the one before.
const toBroker = new WritableStream<Uint8Array<ArrayBuffer>>({
  async write(message) {
    const space = message.indexOf(" ".charCodeAt(0));
    const end = space < 0 ? message.length : space;
    const topic = Buffer.from(message.subarray(0, end)).toString();
    // A broker closes the connection over such a topic, and the client would send it again for ever.
    if (topic === "" || end > 65_535 || /[+#\0]/.test(topic)) {
      console.error(`Cannot publish at "${topic.slice(0, 100)}"`);
    } else {
      await client.publishAsync(topic, Buffer.from(message.subarray(end + 1)), { qos });
    }
  },
});
sub.readable.pipeTo(toBroker);

console.log(`publishers: ${(await sub.bind(`tcp://127.0.0.1:${port}`)).address}`);
console.log(`subscribers: ${(await pub.bind(`tcp://127.0.0.1:${port && port + 1}`)).address}`);
