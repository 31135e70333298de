// What an application logs. The clients and the collector share it. A schema in place of the type would check what comes:
// json(z.object({ … })).
import { type Codec, json } from "@nanostreams/nanostreams/codecs";

export interface Entry {
  app: string;
  level: "info" | "warn" | "error";
  text: string;
}
export const entry: Codec<Entry> = json<Entry>();
