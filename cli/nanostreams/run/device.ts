/* `device` and `proxy`: stand between two addresses. */
import { device, RawSocket } from "../../../mod.ts";
import { FAMILIES, type FamilyName } from "../../nanocat/device_options.ts";
import { EXIT, Failure } from "../ends.ts";
import type { Invocation } from "../invocation.ts";
import { defined, socketOptions } from "../options.ts";
import { openReport, type Report, type Reported } from "../report/open.ts";
import { explained } from "./errors.ts";

/** What both ends are made of. */
export interface Side extends Reported {
  bind(address: string): Promise<{ readonly address: string }>;
  connect(address: string): { readonly opened: Promise<unknown> };
  close(): Promise<void>;
}

/** What passes messages on. */
export interface Relay {
  readonly stopped: Promise<void>;
}

/** Passes messages on until it is told to stop. */
export async function run(invocation: Invocation): Promise<number> {
  const { operands, command } = invocation;
  if (operands.length > 2) {
    throw new Failure(EXIT.usage, `${command} takes two addresses, and not ${operands.length}`);
  }
  try {
    if (invocation.wire === "zmtp") await (await import("./proxy.ts")).runProxy(invocation);
    else await runDevice(invocation);
    return EXIT.ok;
  } catch (error) {
    throw explained(error);
  }
}

async function runDevice(invocation: Invocation): Promise<void> {
  const { flags, stop } = invocation;
  const { front, back } = FAMILIES[(flags.text("pattern") ?? "reqrep") as FamilyName];
  const options = { ...socketOptions(flags), ...defined({ ttl: flags.number("ttl") }) };
  const a = new RawSocket(front, options);
  const b = addressesOf("back", invocation).length > 0 ? new RawSocket(back, options) : undefined;
  await between([a, b], invocation, () => device(a, b, { signal: stop }));
}

/** Opens both sides, has messages passed on until it is told to stop, and closes both in order. */
export async function between(
  sides: readonly (Side | undefined)[],
  invocation: Invocation,
  start: () => Relay,
): Promise<void> {
  const report = await openReport(sides.filter((side) => side !== undefined), invocation);
  try {
    for (const [at, side] of sides.entries()) {
      if (side !== undefined) await attach(side, at === 0 ? "front" : "back", invocation, report);
    }
    await start().stopped;
  } finally {
    await Promise.all(sides.map((side) => side?.close()));
    await report.stop();
  }
}

interface Address {
  readonly isBound: boolean;
  readonly address: string;
}

/** The addresses of a side. */
export function addressesOf(name: "front" | "back", { flags, operands }: Invocation): Address[] {
  const operand = operands[name === "front" ? 0 : 1];
  const bound = [...operand === undefined ? [] : [operand], ...flags.all(`bind-${name}`)];
  return [
    ...bound.map((address) => ({ isBound: true, address })),
    ...flags.all(`connect-${name}`).map((address) => ({ isBound: false, address })),
  ];
}

async function attach(
  side: Side,
  name: "front" | "back",
  invocation: Invocation,
  report: Report,
): Promise<void> {
  const addresses = addressesOf(name, invocation);
  if (addresses.length === 0) {
    const what = `no address of the ${name}: nanostreams ${invocation.command} FRONT BACK`;
    throw new Failure(EXIT.usage, `${what}, or --connect-${name} URL`);
  }
  for (const { isBound, address } of addresses) {
    if (!isBound) {
      side.connect(address).opened.catch(() => {});
      continue;
    }
    report.bound((await side.bind(address)).address, name);
  }
}
