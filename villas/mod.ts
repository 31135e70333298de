/**
 * A gateway that takes the place of VILLASnode's `nanomsg` and `zeromq` nodes, or stands beside them: configurations, formats,
 * nodes, paths and hooks, for servers. See docs/villas.md.
 *
 * @module
 */
export { parseJson } from "./config/json.ts";
export { type LibconfigOptions, parseLibconfig } from "./config/libconfig.ts";
export { loadConfig, type LoadOptions, type Variables } from "./config/load.ts";
export type { Include, Included } from "./config/scanner.ts";
export {
  ConfigError,
  type GroupSetting,
  type ListSetting,
  type Position,
  type ScalarSetting,
  type Setting,
  toSetting,
} from "./config/setting.ts";
export { Settings } from "./config/settings.ts";
export { parseSignals } from "./config/signals.ts";
export { type JsonStyle, settingToJson } from "./config/to_json.ts";
export {
  type Codec,
  type CodecOptions,
  type Format,
  FormatError,
  type Mode,
} from "./formats/format.ts";
export {
  type FormatChoice,
  type FormatStreamOptions,
  openCodec,
  sampleReader,
  sampleWriter,
  StreamDecoder,
} from "./formats/streams.ts";
export { chooseFormat, chooseFormatText, type ChosenFormat, FORMATS } from "./formats/table.ts";
export { Gateway, type GatewayOptions, type GatewayStats } from "./gateway/gateway.ts";
export { type AcceptLive, LiveServer, type LiveSocket } from "./gateway/live_server.ts";
export { type Level, LEVELS, Log, type LogSink } from "./gateway/log.ts";
export { GatewayNode, type NodeStats, type Surroundings } from "./gateway/node.ts";
export type { Hook, HookContext, HookType } from "./hooks/hook.ts";
export { HOOK_TYPES } from "./hooks/table.ts";
export { now, type Sample, secondsBetween, type Timestamp } from "./model/sample.ts";
export { type Ticks, ticks } from "./model/schedule.ts";
export {
  type Complex,
  DEFAULT_SIGNALS,
  parseDtypes,
  type Signal,
  type SignalType,
  type Value,
} from "./model/signal.ts";
export type { Node, NodeContext, NodeType } from "./nodes/node.ts";
export { NODE_TYPES } from "./nodes/table.ts";
export type { Mapping, MappingPart } from "./paths/mapping.ts";
export { Path, type PathPlan, type PathStats } from "./paths/path.ts";
export { type PageAddress, type ServedPage, servePage } from "./page/server.ts";
