import type { Child } from "../lib/child.ts";
import type { Random } from "../lib/random.ts";
import type { Company, Settings, Stage } from "./actors.ts";
import { Proxy } from "./proxy.ts";

/** What can be done to a member. */
export type Fault =
  /** SIGKILL, and a new process. */
  | "kill"
  /** `drain()`, and a new process: nothing may be lost. */
  | "drain"
  /** SIGSTOP, and SIGCONT after 20 to 200 ms. */
  | "stop"
  /** RST on its connection. */
  | "reset"
  /** FIN towards who dialled, which ends its own side in order. */
  | "end"
  /** FIN towards who listens. */
  | "endToListener"
  /** Each new connection is reset at once, for 20 to 200 ms. */
  | "flap";

/** What a member is made of. */
export interface MemberOptions {
  readonly stage: Stage;
  readonly company: Company;
  readonly role: string;
  readonly settings?: Settings;
  /** Of one that dials: where to; it does so through the proxy. */
  readonly dials?: string;
}

/** A process that faults happen to, with its proxy: what dials goes through it. */
export class Member {
  readonly #options: MemberOptions;
  readonly #proxy: Proxy;
  /** The records of all its lives, the present one last. */
  readonly records: string[] = [];
  child!: Child;
  /** Whether something happens to it just now. */
  isBusy = false;

  private constructor(options: MemberOptions, proxy: Proxy) {
    this.#options = options;
    this.#proxy = proxy;
  }

  static async start(options: MemberOptions): Promise<Member> {
    const proxy = await Proxy.to(options.dials === undefined ? 0 : portOf(options.dials));
    const member = new Member(options, proxy);
    await member.#start();
    return member;
  }

  /** Starts so many that are alike. */
  static several(count: number, options: MemberOptions): Promise<Member[]> {
    return Promise.all(Array.from({ length: count }, () => Member.start(options)));
  }

  /** Where to reach it, if it listens. */
  get address(): string {
    return this.#proxy.address;
  }

  /** Something happens to it; resolves when it is well again. */
  async suffer(fault: Fault, random: Random): Promise<void> {
    this.isBusy = true;
    switch (fault) {
      case "kill":
        await this.child.kill();
        await this.#start();
        break;
      case "drain":
        await this.child.ask("drain");
        await this.child.kill();
        await this.#start();
        break;
      case "stop":
        this.child.signal("SIGSTOP");
        await sleep(20 + random.below(180));
        this.child.signal("SIGCONT");
        break;
      case "reset":
        this.#proxy.reset();
        break;
      case "end":
        this.#proxy.endToDialer();
        break;
      case "endToListener":
        this.#proxy.endToListener();
        break;
      case "flap":
        this.#proxy.isDown = true;
        this.#proxy.reset();
        await sleep(20 + random.below(180));
        this.#proxy.isDown = false;
    }
    this.isBusy = false;
  }

  /** Ends the proxy; the process is the stage's. */
  close(): Promise<void> {
    return this.#proxy.close();
  }

  async #start(): Promise<void> {
    const { stage, company, role, settings, dials } = this.#options;
    const record = stage.freshFile();
    this.records.push(record);
    const { child, address } = await stage.play(company, role, {
      ...settings,
      ...dials === undefined
        ? { bind: await company.freshAddress() }
        : { connect: [this.#proxy.address] },
      life: this.records.length,
      record,
    });
    this.child = child;
    if (dials === undefined) this.#proxy.target = portOf(address);
  }
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

/** Resolves after so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
