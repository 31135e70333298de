// The other process of the tour: plays the part that it is asked to play, until it is asked to end.
import process from "node:process";
import { Pair, Pub, Pull, Rep, Respondent, type Socket, Source } from "../../mod.ts";
import { text } from "./show.ts";

const sockets: Socket[] = [];

/** Closes a socket at the end. */
function keep<S extends Socket>(socket: S): S {
  sockets.push(socket);
  return socket;
}

const parts: Record<string, (...addresses: string[]) => Promise<void> | void> = {
  /** Two workers: take jobs, do them, and send the results to a sink. */
  async workers(jobs, results) {
    for (const name of ["worker A", "worker B"]) {
      const pull = keep(new Pull());
      const source = keep(new Source());
      await Promise.all([pull.connect(jobs!).opened, source.connect(results!).opened]);
      (async () => {
        for await (const job of pull) {
          const n = Number(text(job));
          await source.send(`${name}: ${n}² = ${n * n}`);
        }
      })();
    }
  },

  /** A weather station: publishes when a subscriber arrives. */
  async station(address) {
    const pub = keep(new Pub());
    await pub.connect(address!).opened;
    for (const line of ["sport 2:1", "weather 21.5 °C", "traffic calm", "weather 21.7 °C"]) {
      await pub.send(line);
    }
  },

  /** A service: answers in upper case. */
  upper(...addresses) {
    const rep = keep(new Rep());
    for (const address of addresses) rep.connect(address);
    rep.serve((question) => text(question).toUpperCase());
  },

  /** Three respondents, one of which answers too late. */
  async crowd(address) {
    for (const [name, delay] of [["Ann", 0], ["Bob", 20], ["Carl", 2000]] as const) {
      const respondent = keep(new Respondent());
      await respondent.connect(address!).opened;
      respondent.serve(async () => {
        await new Promise((resolve) => setTimeout(resolve, delay));
        return name;
      });
    }
  },

  /** One end of a pair: it answers. */
  async parrot(address) {
    const pair = keep(new Pair());
    await pair.connect(address!).opened;
    (async () => {
      for await (const message of pair) await pair.send(`${text(message)}, ${text(message)}!`);
    })();
  },
};

const control = new Rep();
control.connect(process.argv[2]!);
for await (const request of control) {
  const [part, ...addresses] = JSON.parse(text(request)) as [string, ...string[]];
  if (part !== "end") await parts[part]!(...addresses);
  await control.send("ready");
  if (part === "end") break;
}
await Promise.all([...sockets, control].map((socket) => socket.close({ linger: 200 })));
process.exit(0);
