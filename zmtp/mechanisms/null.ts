import { encodeCommand, encodeError, expectCommand } from "../wire/commands.ts";
import { Admission } from "./admission.ts";
import type { MaybePromise, Mechanism, MechanismContext, MechanismStep } from "./mechanism.ts";

/** No security: both ends say READY (RFC 37, 3.6). With `authenticate` in the context, we say it once the peer is let in. */
export class NullMechanism implements Mechanism {
  readonly name = "NULL";
  readonly isServer: boolean = false;
  readonly #ready: Uint8Array;
  readonly #admission: Admission;

  /** @param context Our metadata, and who decides about peers. */
  constructor(context: MechanismContext) {
    this.#ready = encodeCommand("READY", context.metadata);
    this.#admission = new Admission(context);
  }

  begin(): MaybePromise<Uint8Array> {
    return this.#admission.isGuarded
      ? this.#admission.ask([]).then(() => this.#ready)
      : this.#ready;
  }

  receive(body: Uint8Array<ArrayBuffer>): MechanismStep {
    return { isDone: true, metadata: expectCommand(body, "READY", true) };
  }

  farewell(): Uint8Array | undefined {
    const { told } = this.#admission;
    return told === undefined ? undefined : encodeError(told);
  }
}
