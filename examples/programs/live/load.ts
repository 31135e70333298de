// What is published: how busy something is. The publisher and the page share it.
import { json, topic, type TopicCodec } from "@nanostreams/nanostreams/codecs";

export type Load = { percent: number };
export const load: TopicCodec<Load> = topic(json<Load>());
