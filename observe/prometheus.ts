import {
  ENDPOINT_FIGURES,
  type Figure,
  isCounter,
  PEER_FIGURES,
  SOCKET_FIGURES,
} from "./figures.ts";
import { SPError } from "../src/base/errors.ts";
import { checkOptions } from "../src/base/check_options.ts";
import { BOOLEAN } from "../src/base/rules.ts";
import { endpointsOf, peersOf, snapshotOf, type SocketSnapshot } from "./snapshot.ts";
import { listSockets, type ObservedSockets, ownName } from "./sockets.ts";
import { withoutSecrets } from "./text.ts";

/** The media type of what `prometheus` returns: of the response's header `content-type`. */
export const PROMETHEUS_CONTENT_TYPE: string = "text/plain; version=0.0.4; charset=utf-8";

/** Options of `prometheus`. */
export interface PrometheusOptions {
  /** Whether there are also figures of each endpoint, `nanostreams_endpoint_…`; default `false`. */
  endpoints?: boolean;
  /**
   * Whether there are also figures of each peer, `nanostreams_peer_…`; default `false`. Every peer that ever connects then makes
   * series of its own, which Prometheus keeps: for sockets that have few.
   */
  peers?: boolean;
}

/** Something that has figures, and its labels as text, the first brace included. */
interface Subject<Of> {
  readonly labels: string;
  readonly of: Of;
}

/**
 * The figures of sockets as Prometheus reads them: its text format, version 0.0.4.
 *
 * Every series has the labels `socket`, the socket's name, and `protocol`. Sockets without a name are called by their protocol
 * and a number, `pull-1`, `pull-2`, in the order in which they are first looked at, and keep these names. How many series a socket
 * has depends neither on its peers nor on its endpoints, unless an option asks for them.
 *
 * Counters never go down: what peers and endpoints have counted that are gone stays in the socket's. A socket that is closed
 * keeps its counters as they were last, and its gauges are 0, for as long as it is among the sockets that are given.
 *
 * Passwords and queries of addresses are left out. docs/observe.md lists all names.
 *
 * @param sockets Of either wire; a name for each makes the series the same after a restart.
 * @param options What there is besides.
 * @returns The text; its media type is {@linkcode PROMETHEUS_CONTENT_TYPE}.
 * @throws {SPError} `EINVAL` if something is no socket, two sockets have one name, or an option is unknown or wrong.
 *
 * @example
 * ```ts
 * import { Pull, Push } from "@nanostreams/nanostreams";
 * import { prometheus, PROMETHEUS_CONTENT_TYPE } from "@nanostreams/nanostreams/observe";
 *
 * await using jobs = new Pull();
 * await jobs.bind("inproc://observed-jobs");
 * await using push = new Push();
 * push.connect("inproc://observed-jobs");
 * await push.send("a job");
 * await jobs.receive();
 *
 * const handler = (): Response =>
 *   new Response(prometheus({ jobs }), { headers: { "content-type": PROMETHEUS_CONTENT_TYPE } });
 * const text = await handler().text();
 * console.log(text.match(/^nanostreams_messages_received_total.*$/m)?.[0]);
 * // nanostreams_messages_received_total{socket="jobs",protocol="pull"} 1
 * ```
 */
export function prometheus(sockets: ObservedSockets, options: PrometheusOptions = {}): string {
  checkOptions("prometheus's options", options, { endpoints: BOOLEAN, peers: BOOLEAN });
  const subjects: Subject<SocketSnapshot>[] = [];
  const endpoints: Subject<ReturnType<typeof endpointsOf>[number]>[] = [];
  const peers: Subject<ReturnType<typeof peersOf>[number]>[] = [];
  const names = new Set<string>();
  for (const [given, socket] of listSockets(sockets)) {
    const stats = socket.stats();
    const name = given ?? ownName(socket, stats.protocol);
    if (names.has(name)) {
      throw new SPError("EINVAL", `Cannot call two sockets "${name}": expected a name for each`);
    }
    names.add(name);
    const labels = `{socket="${escaped(name)}",protocol="${escaped(stats.protocol)}"`;
    subjects.push({ labels, of: snapshotOf(socket, stats) });
    if (options.endpoints === true) {
      for (const of of endpointsOf(stats)) {
        endpoints.push({ labels: `${labels}${endpointLabels(of.address)},role="${of.role}"`, of });
      }
    }
    if (options.peers === true) {
      for (const of of peersOf(socket, stats)) {
        const { id, endpoint, remoteAddress } = of.stats;
        const peer = escaped(withoutSecrets(remoteAddress));
        const own = `${endpointLabels(withoutSecrets(endpoint))},peer="${peer}",id="${id}"`;
        peers.push({ labels: labels + own, of });
      }
    }
  }
  return families(SOCKET_FIGURES, subjects) + families(ENDPOINT_FIGURES, endpoints) +
    families(PEER_FIGURES, peers);
}

function endpointLabels(address: string): string {
  return `,endpoint="${escaped(address)}"`;
}

function families<Of>(figures: readonly Figure<Of>[], subjects: readonly Subject<Of>[]): string {
  if (subjects.length === 0) return "";
  let text = "";
  for (const figure of figures) {
    const name = `nanostreams_${figure.name}`;
    text += `# HELP ${name} ${figure.help}\n`;
    text += `# TYPE ${name} ${isCounter(figure) ? "counter" : "gauge"}\n`;
    for (const { labels, of } of subjects) {
      figure.read(of, (value, label) => {
        const more = label === undefined ? "" : `,${figure.label}="${label}"`;
        text += `${name}${labels}${more}} ${value}\n`;
      });
    }
  }
  return text;
}

/** A label's value, as the format has it between quotes. */
function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
