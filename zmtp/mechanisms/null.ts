import { SPError } from "../../src/base/errors.ts";
import { encodeCommand, parseCommand } from "../wire/commands.ts";
import type { Mechanism, MechanismContext, MechanismStep } from "./mechanism.ts";

/** NULL: both ends say READY at once (RFC 37, 3.6). */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly isServer = false;
  readonly #context: MechanismContext;

  constructor(context: MechanismContext) {
    this.#context = context;
  }

  begin(): Uint8Array {
    return encodeCommand("READY", this.#context.metadata);
  }

  receive(body: Uint8Array<ArrayBuffer>): MechanismStep {
    const command = parseCommand(body);
    if (command?.name === "READY") return { isDone: true, metadata: command.data };
    throw new SPError("EPROTO", `The peer sent ${command?.name ?? "no command"}, wanted READY`);
  }
}
