/** A control frame of a subscriber's: it wants, or no longer wants, what begins with the prefix. */
export interface Subscription {
  readonly type: "cancel" | "subscribe";
  readonly prefix: Uint8Array;
  /** Whether it is said as older peers say it, whoever the peer is. */
  readonly asData?: boolean;
}
