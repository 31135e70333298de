/* The subcommands, in the order of the help. */
import { REP, REQ, RESPONDENT, SURVEYOR } from "./asking.ts";
import { BENCH } from "./bench.ts";
import { COMPLETION } from "./completion.ts";
import { BUS, DEALER, PAIR, PAIR1, ROUTER, XPUB, XSUB } from "./conversing.ts";
import { DECODE } from "./decode.ts";
import { PUB, PULL, PUSH, SUB } from "./one_way.ts";
import { PROBE } from "./probe.ts";
import { DEVICE, PROXY, VILLAS } from "./relays.ts";
import type { Command } from "./types.ts";

/** All subcommands. */
export const COMMANDS: readonly Command[] = [
  ...[PUSH, PULL, PUB, SUB, REQ, REP, SURVEYOR, RESPONDENT, BUS, PAIR, PAIR1],
  ...[DEALER, ROUTER, XPUB, XSUB],
  ...[DEVICE, PROXY],
  ...[PROBE, DECODE],
  BENCH,
  VILLAS,
  COMPLETION,
];
