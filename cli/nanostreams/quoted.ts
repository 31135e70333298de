import { escapedJson } from "./output/text.ts";

/** Text of others in quotation marks, with escapes for what cannot be seen. */
export function quoted(text: string): string {
  return escapedJson(JSON.stringify(text));
}
