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
export type { ReceivedQuestion } from "./src/answering/questions.ts";
export type { ReplyOptions } from "./patterns/answering.ts";
export { type Handler, ReplySocket, type ServeOptions } from "./src/answering/replies.ts";
export {
  Respondent,
  type RespondentOptions,
  type SurveyOptions,
  Surveyor,
  type SurveyorOptions,
  type SurveyResponse,
} from "./patterns/survey.ts";

export type { Attachment } from "./src/endpoints/attachment.ts";
export type {
  Connection,
  ConnectionInfo,
  ConnectionSink,
  Framing,
} from "./src/contracts/connection.ts";
export type { Dialer } from "./src/endpoints/dialer.ts";
export { SPError, type SPErrorCode } from "./src/base/errors.ts";
export type { DropReason, SocketEvent } from "./src/surface/events.ts";
export { FrameDecoderStream, FrameEncoderStream, type FrameOptions } from "./src/sp/framing.ts";
export type { Listener } from "./src/endpoints/listener.ts";
export type { MessageLike, Outgoing, RawMessage } from "./src/memory/message.ts";
export type {
  AttachOptions,
  BindOptions,
  ConnectOptions,
  DialOptions,
  EndpointOptions,
  ListenLimits,
  ReceiveOptions,
  ResolvedEndpointOptions,
  SendOptions,
  SocketOptions,
  UpdateOptions,
} from "./src/surface/options.ts";
export type { TransferredMessage } from "./src/memory/owned.ts";
export type { AcceptHook, PeerInfo } from "./src/surface/peer.ts";
export type { ProtocolId } from "./src/contracts/protocol.ts";
export type { SPProtocolId } from "./src/sp/wire.ts";
export type { Receiver } from "./src/socket/receiver.ts";
export type { Overflow } from "./src/pipes/routing.ts";
export type { Rule, Rules } from "./src/base/rules.ts";
export type { Sender } from "./src/socket/sender.ts";
export {
  type CloseOptions,
  type DrainOptions,
  DuplexSocket,
  ReceiveSocket,
  SendSocket,
  Socket,
} from "./src/socket/socket.ts";
export {
  type DropCounts,
  type EndpointStats,
  nanomsgStatistics,
  type PeerStats,
  type RejectionCounts,
  type SocketStats,
  type TrafficStats,
} from "./src/surface/stats.ts";
export {
  type ByteDuplex,
  type ByteReadable,
  type ByteReader,
  type ByteWritable,
  type ByteWriter,
  StreamConnection,
} from "./src/endpoints/stream_connection.ts";
export {
  type TextMessageDecoderOptions,
  TextMessageDecoderStream,
} from "./src/streams/text_message.ts";
export { transfer } from "./src/memory/transfer.ts";
export type {
  Bindable,
  BoundListener,
  Dialable,
  ListenerSink,
  Mount,
  Transport,
  TransportContext,
  TransportRules,
} from "./src/contracts/transport.ts";
export { registerTransport } from "./src/surface/transports.ts";
export type {
  IpcOptions,
  KeepAliveOptions,
  OriginCheck,
  TlsCertificate,
  TlsOptions,
  TransportBindOptions,
  TransportOptions,
  TransportUpdateOptions,
  UpgradeRequest,
  WebSocketOptions,
} from "./transports/options.ts";
export type { WaitOptions } from "./src/base/wait.ts";
export { attachInproc, type InprocAttachment } from "./transports/inproc/attach.ts";
export type { ParentLike, WorkerLike } from "./transports/runtime/shared/threads.ts";
