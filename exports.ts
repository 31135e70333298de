/** What both doors export, `mod.ts` and `browser.ts`. */

export { Bus, type BusOptions } from "./patterns/bus.ts";
export { type Device, device, type DeviceStats, type DirectionStats } from "./patterns/device.ts";
export { Pair, type PairOptions } from "./patterns/pair.ts";
export { Pair1, type Pair1Options } from "./patterns/pair1.ts";
export {
  Pull,
  type PullOptions,
  Push,
  type PushOptions,
  Sink,
  type SinkOptions,
  Source,
  type SourceOptions,
} from "./patterns/pipeline.ts";
export { Pub, type PubOptions, Sub, type SubOptions } from "./patterns/pubsub.ts";
export { type RawMessageLike, type RawOptions, RawSocket } from "./patterns/raw.ts";
export type { RawProtocolName } from "./patterns/raw/protocols.ts";
export {
  Rep,
  type RepOptions,
  Req,
  type ReqOptions,
  type RequestOptions,
} from "./patterns/reqrep.ts";
export type { ReplyOptions } from "./patterns/answering.ts";
export {
  Respondent,
  type RespondentOptions,
  type SurveyOptions,
  Surveyor,
  type SurveyorOptions,
  type SurveyResponse,
} from "./patterns/survey.ts";

export { FrameDecoderStream, FrameEncoderStream, type FrameOptions } from "./src/sp/framing.ts";
export type { SPProtocolId } from "./src/sp/wire.ts";
export {
  type TextMessageDecoderOptions,
  TextMessageDecoderStream,
} from "./src/streams/text_message.ts";
export { nanomsgStatistics } from "./src/surface/stats.ts";

export * from "./common.ts";
