/** What the doors of both wires export. */

export type { ReceivedQuestion } from "./src/answering/questions.ts";
export { type Handler, ReplySocket, type ServeOptions } from "./src/answering/replies.ts";
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
export type { Listener } from "./src/endpoints/listener.ts";
export type { AnsweringCodec, AskingCodec, Codec, Sendable } from "./src/contracts/codec.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./src/contracts/schema.ts";
export type { ReceivedMessage } from "./src/receiving/receive_options.ts";
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
export type {
  ConnectionStats,
  DropCounts,
  EndpointStats,
  PeerStats,
  RejectionCounts,
  SocketStats,
  TrafficStats,
} from "./src/surface/stats.ts";
export {
  type ByteDuplex,
  type ByteReadable,
  type ByteReader,
  type ByteWritable,
  type ByteWriter,
  StreamConnection,
} from "./src/endpoints/stream_connection.ts";
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
