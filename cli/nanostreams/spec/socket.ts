/* What the subcommands have in common that are sockets. */
import { ADDRESS_FLAGS, CONNECTION_FLAGS, REPORT_FLAGS, WIRE } from "./flags.ts";
import type { Command, Example, Flag } from "./types.ts";

/** Which wires have a socket. */
type Wires = "sp" | "zmtp" | "both";

/** Everything that sockets of a name have on a wire. */
interface Kind {
  readonly name: string;
  readonly habit: "bind" | "connect";
  readonly wires: Wires;
  readonly flags: readonly Flag[];
  readonly summary: string;
  readonly about: string;
  readonly examples: readonly Example[];
}

/** Makes the subcommand of a socket. */
export function socket({ name, habit, wires, flags, summary, about, examples }: Kind): Command {
  const verb = habit === "bind" ? "bound" : "connected to";
  const all = [
    ...ADDRESS_FLAGS,
    wires === "both" ? WIRE : { ...WIRE, choices: [wires], isRare: true },
    ...flags,
    ...CONNECTION_FLAGS,
    ...REPORT_FLAGS,
  ];
  return {
    name,
    summary,
    about: `${about} A URL without a flag is ${verb}.`,
    operands: "[URL...]",
    binds: habit === "bind",
    flags: wires === "sp" ? all.filter(({ wire }) => wire !== "zmtp") : all,
    examples,
    ...(wires === "zmtp" && { wire: "zmtp" as const }),
    load: () => import("../run/socket.ts"),
  };
}
