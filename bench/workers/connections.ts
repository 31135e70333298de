import { Pull, Push } from "../../mod.ts";
import {
  cue,
  currentMemory,
  finish,
  heapMemory,
  type Role,
  say,
  untilTheEnd,
} from "../lib/worker.ts";

/** One PULL socket: what `count` idle peers cost it. */
export const idleListener: Role = async (settings) => {
  const pull = new Pull();
  await pull.bind(settings.address, { backlog: 4096 });
  const heap = heapMemory();
  const rss = currentMemory();
  say({ ready: 1 });
  await pull.peers(1);
  const started = performance.now();
  await pull.peers(settings.count);
  const seconds = (performance.now() - started) / 1e3;
  say({ count: settings.count, seconds, rss: currentMemory() - rss, heap: heapMemory() - heap });
  await untilTheEnd();
};

/** One PUSH socket with `count` dialers; closes at the cue. */
export const idleDialer: Role = async (settings) => {
  let started = performance.now();
  const push = new Push({ reconnectMin: 10 });
  for (let i = 0; i < settings.count; i++) push.connect(settings.address);
  await push.peers(settings.count);
  const connect = (performance.now() - started) / 1e3;
  say({ ready: 1 });
  await cue();
  started = performance.now();
  await push.close();
  finish({ connect, close: (performance.now() - started) / 1e3 });
};
