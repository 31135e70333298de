/**
 * What sockets do, for whoever runs them: Prometheus, OpenTelemetry, and log lines. See docs/observe.md.
 *
 * @example
 * ```ts
 * import { Pull } from "@nanostreams/nanostreams";
 * import { prometheus } from "@nanostreams/nanostreams/observe";
 *
 * await using jobs = new Pull();
 * const line = prometheus({ jobs }).split("\n").find((line) => line.startsWith("nanostreams_peers"));
 * console.log(line); // nanostreams_peers{socket="jobs",protocol="pull"} 0
 * ```
 *
 * @module
 */
export { type EventLog, logEvents, type Logger, type LogLevel, type LogOptions } from "./log.ts";
export {
  type AttributesLike,
  type InstrumentOptions,
  type MeterLike,
  type ObservableLike,
  type ObservationsLike,
  observe,
  type ObserveOptions,
} from "./opentelemetry.ts";
export { prometheus, PROMETHEUS_CONTENT_TYPE, type PrometheusOptions } from "./prometheus.ts";
export type { ObservedSocket, ObservedSockets } from "./sockets.ts";
