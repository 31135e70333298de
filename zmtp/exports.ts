/** What both doors of ZMTP export, `zmtp/mod.ts` and `zmtp/browser.ts`. */

export { Dealer, type DealerOptions } from "./patterns/dealer.ts";
export { Pair, type PairOptions } from "./patterns/pair.ts";
export { Pull, type PullOptions, Push, type PushOptions } from "./patterns/pipeline.ts";
export { Pub, type PubOptions, Sub, type SubOptions } from "./patterns/pubsub.ts";
export { Rep, type RepOptions, Req, type ReqOptions } from "./patterns/reqrep.ts";
export { Router, type RouterConnectOptions, type RouterOptions } from "./patterns/router.ts";
export { XPub, type XPubOptions, XSub, type XSubOptions } from "./patterns/xpubsub.ts";
export {
  type Proxy,
  proxy,
  type ProxyDestination,
  type ProxyDirection,
  type ProxyOptions,
  type ProxySocket,
  type ProxySource,
  type ProxyStats,
} from "./proxy.ts";
export type {
  ZmtpBalanceOptions,
  ZmtpIdentityOptions,
  ZmtpOptions,
  ZmtpProbeOptions,
  ZmtpReceiveOptions,
  ZmtpSendOptions,
} from "./options.ts";
export type { CurveOptions, PlainOptions } from "./security.ts";
export { type CurveKey, curveKeyPair, curvePublicKey } from "./curve/keys.ts";
export { decodeZ85, encodeZ85 } from "./curve/z85.ts";
export type {
  Authenticate,
  AuthenticationAnswer,
  AuthenticationRequest,
} from "./mechanisms/authentication.ts";
export type { MaybePromise, MechanismName, Status } from "./mechanisms/mechanism.ts";
export type { Frames, FramesLike } from "./wire/frames.ts";
export type { HeartbeatOptions } from "./wire/heartbeat.ts";
