/** What sockets and peers say to each other between messages: as patterns have it, and no bytes of it. */
export type Control =
  /** A subscriber wants, or no longer wants, what begins with the prefix; `asData` if it is said as older peers say it. */
  | {
    readonly type: "cancel" | "subscribe";
    readonly prefix: Uint8Array;
    readonly asData?: boolean;
  }
  /** Asks for an answer; or, as it came: it is to be closed if nothing comes for `ttl` milliseconds. */
  | { readonly type: "ping"; readonly ttl: number };
