// What a service answers. The surveyor and the respondents share it.
import { type Codec, json } from "@nanostreams/nanostreams/codecs";

export type Status = { pid: number; uptime: number; metrics: string };
export const status: Codec<Status> = json<Status>();
