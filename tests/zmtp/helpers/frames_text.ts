/** Frames as texts. */

import { text } from "../../helpers/bytes.ts";

/** The frames of a message, each as text. */
export function texts(frames: readonly Uint8Array[]): string[] {
  return frames.map(text);
}
