import {
  ENDPOINT_FIGURES,
  type Figure,
  isCounter,
  PEER_FIGURES,
  SOCKET_FIGURES,
} from "./figures.ts";
import { checkOptions } from "../src/base/check_options.ts";
import { BOOLEAN, OBJECT, TEXT } from "../src/base/rules.ts";
import { endpointsOf, peersOf, snapshotOf } from "./snapshot.ts";
import { type ObservedSocket, ownName } from "./sockets.ts";
import { withoutSecrets } from "./text.ts";
import type { SocketStats } from "../mod.ts";

/** Attributes of a value. */
export type AttributesLike = Readonly<Record<string, string>>;

/** What is used of an `Observable` of `@opentelemetry/api`. */
export interface ObservableLike {
  /** Adds a callback. */
  addCallback(callback: never): void;
}

/** What is used of a `BatchObservableResult` of `@opentelemetry/api`. */
export interface ObservationsLike {
  /** Tells a value. */
  observe(instrument: ObservableLike, value: number, attributes?: AttributesLike): void;
}

/** What an instrument is created with. */
export interface InstrumentOptions {
  /** What it means. */
  readonly description: string;
  /** Its unit, as UCUM has it. */
  readonly unit: string;
}

/**
 * What is used of a `Meter` of `@opentelemetry/api`, version 1: one of these fits. Written out here, so that these declarations
 * compile where that package is not installed.
 */
export interface MeterLike {
  /** Makes a counter. */
  createObservableCounter(name: string, options: InstrumentOptions): ObservableLike;
  /** Makes what goes up and down, and can be added up. */
  createObservableUpDownCounter(name: string, options: InstrumentOptions): ObservableLike;
  /** Has a callback called whenever values are collected. */
  addBatchObservableCallback(
    callback: (observations: ObservationsLike) => void,
    observables: ObservableLike[],
  ): void;
  /** Has it called no more. */
  removeBatchObservableCallback(
    callback: (observations: ObservationsLike) => void,
    observables: ObservableLike[],
  ): void;
}

/** Options of `observe`. */
export interface ObserveOptions {
  /** What the attribute `nanostreams.socket` says; by default the protocol and a number, `"pull-1"`. */
  name?: string;
  /** Attributes of every value besides, or in place of, its own, such as `{ "messaging.system": "zeromq" }`. */
  attributes?: AttributesLike;
  /** Whether there are also figures of each endpoint, `nanostreams.endpoint.…`; default `false`. */
  endpoints?: boolean;
  /** Whether there are also figures of each peer, `nanostreams.peer.…`: for sockets that have few; default `false`. */
  peers?: boolean;
}

/** The attribute that a label is. */
const ATTRIBUTES = { code: "error.type", reason: "error.type", role: "nanostreams.role" };

/**
 * Has OpenTelemetry collect the figures of a socket: observable instruments of a meter, which one callback for all fills.
 *
 * Messages sent and received are `messaging.client.sent.messages` and `messaging.client.consumed.messages`, with the attributes
 * `messaging.system`, `messaging.operation.name` and `error.type`, as OpenTelemetry's conventions have them; what these do not
 * have is called `nanostreams.…`. docs/observe.md lists all names.
 *
 * Once the socket is closed, the next collection gets its last figures, and none gets any after that.
 *
 * @param socket Of either wire.
 * @param meter A meter of `@opentelemetry/api`, which this library does not load.
 * @param options Names and attributes.
 * @returns What stops it at once: for `using`, or call `[Symbol.dispose]()`.
 * @throws {SPError} `EINVAL` if an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { Pull } from "@nanostreams/nanostreams";
 * import { observe } from "@nanostreams/nanostreams/observe";
 * import { MeterProvider } from "@opentelemetry/sdk-metrics";
 *
 * const provider = new MeterProvider(); // with a reader that exports
 * await using jobs = new Pull();
 * observe(jobs, provider.getMeter("jobs"), { name: "jobs" });
 * await provider.shutdown();
 * ```
 */
export function observe(
  socket: ObservedSocket,
  meter: MeterLike,
  options: ObserveOptions = {},
): Disposable {
  checkOptions("observe's options", options, {
    name: TEXT,
    attributes: OBJECT,
    endpoints: BOOLEAN,
    peers: BOOLEAN,
  });
  const { endpoints = false, peers = false } = options;
  const { protocol } = socket.stats();
  const attributes: AttributesLike = {
    "messaging.system": "nanostreams",
    "nanostreams.protocol": protocol,
    "nanostreams.socket": options.name ?? ownName(socket, protocol),
    ...options.attributes,
  };
  const instruments = createInstruments(meter, [
    ...SOCKET_FIGURES,
    ...endpoints ? ENDPOINT_FIGURES : [],
    ...peers ? PEER_FIGURES : [],
  ]);
  const all = [...instruments.values()];
  /** The figures of the socket once it is closed, until they are told. */
  let last: SocketStats | undefined;
  let isOver = false;

  const collect = (observations: ObservationsLike): void => {
    if (isOver) return;
    const tell = <Of>(figures: readonly Figure<Of>[], subject: Of, own: AttributesLike): void => {
      for (const figure of figures) {
        const instrument = instruments.get(figure.instrument)!;
        figure.read(subject, (value, label) => {
          const more = label === undefined ? {} : { [ATTRIBUTES[figure.label!]]: label };
          observations.observe(instrument, value, { ...own, ...figure.attributes, ...more });
        });
      }
    };
    const stats = last ?? socket.stats();
    tell(SOCKET_FIGURES, snapshotOf(socket, stats), attributes);
    for (const endpoint of endpoints ? endpointsOf(stats) : []) {
      const { address, role } = endpoint;
      const own = { "nanostreams.endpoint": address, "nanostreams.role": role };
      tell(ENDPOINT_FIGURES, endpoint, { ...attributes, ...own });
    }
    for (const peer of peers ? peersOf(socket, stats) : []) {
      tell(PEER_FIGURES, peer, {
        ...attributes,
        "nanostreams.endpoint": withoutSecrets(peer.stats.endpoint),
        "nanostreams.peer.id": String(peer.stats.id),
        "network.peer.address": withoutSecrets(peer.stats.remoteAddress),
      });
    }
    // The meter is going through its callbacks, of which none must be taken out meanwhile.
    if (last !== undefined) queueMicrotask(stop);
  };
  const stop = (): void => {
    if (isOver) return;
    isOver = true;
    meter.removeBatchObservableCallback(collect, all);
  };
  meter.addBatchObservableCallback(collect, all);
  socket.closed.then(() => last = socket.stats());
  return { [Symbol.dispose]: stop };
}

/** One instrument for each name. */
function createInstruments(
  meter: MeterLike,
  figures: readonly Figure<never>[],
): Map<string, ObservableLike> {
  const instruments = new Map<string, ObservableLike>();
  for (const figure of figures) {
    const { instrument, help: description, unit } = figure;
    if (instruments.has(instrument)) continue;
    const options: InstrumentOptions = { description, unit };
    instruments.set(
      instrument,
      isCounter(figure)
        ? meter.createObservableCounter(instrument, options)
        : meter.createObservableUpDownCounter(instrument, options),
    );
  }
  return instruments;
}
