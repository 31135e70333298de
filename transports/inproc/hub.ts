import type { Port } from "./port.ts";

/** A thread, as the hub sees it. */
export interface Member {
  /** Its number; that of the hub's own thread is 0. */
  readonly thread: number;
  /** Somebody has dialled a name that this thread has bound. */
  accept(name: string, port: Port, peer: number): void;
  /** This thread has dialled, and here is who it dialled. */
  opened(dial: number, port: Port, peer: number): void;
  /** Another thread has ended, or has left. */
  gone(thread: number): void;
}

interface WaitingDial {
  readonly member: Member;
  readonly id: number;
}

/**
 * Who has bound which name, in all threads that are attached to this one, and who waits for one. It brings two threads
 * together, gives each one end of a channel, and has no part in what they say.
 */
export class Hub {
  readonly #members: Set<Member> = new Set();
  readonly #owners: Map<string, Member> = new Map();
  /** Dials of names that nobody has bound, the oldest first. */
  readonly #waiting: Map<string, WaitingDial[]> = new Map();

  /** A thread comes. */
  join(member: Member): void {
    this.#members.add(member);
  }

  /** A thread goes, and all that it has bound and dialled with it. */
  leave(member: Member): void {
    if (!this.#members.delete(member)) return;
    for (const [name, owner] of this.#owners) if (owner === member) this.#owners.delete(name);
    for (const name of [...this.#waiting.keys()]) {
      this.#forget(name, (dial) => dial.member === member);
    }
    for (const other of this.#members) other.gone(member.thread);
  }

  /** Gives a thread a name; false if one has it. */
  bind(name: string, member: Member): boolean {
    if (this.#owners.has(name)) return false;
    this.#owners.set(name, member);
    // Once the thread knows that the name is its own.
    queueMicrotask(() => this.#match(name));
    return true;
  }

  /** Frees a name. */
  unbind(name: string, member: Member): void {
    if (this.#owners.get(name) === member) this.#owners.delete(name);
  }

  /** Brings a thread together with who has bound the name, now or once somebody has. */
  dial(name: string, id: number, member: Member): void {
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) this.#waiting.set(name, [{ member, id }]);
    else waiting.push({ member, id });
    this.#match(name);
  }

  /** A thread does not wait any longer. */
  cancel(name: string, id: number, member: Member): void {
    this.#forget(name, (dial) => dial.id === id && dial.member === member);
  }

  #match(name: string): void {
    const owner = this.#owners.get(name);
    if (owner === undefined) return;
    // A thread brings itself together with itself, without a channel.
    for (const { member, id } of this.#forget(name, ({ member }) => member !== owner)) {
      const { port1, port2 } = new MessageChannel();
      const accept = (): void => owner.accept(name, port1, member.thread);
      // Our own thread may refuse and close its port at once: on Deno the other, if it is moved after that, tells nothing.
      if (owner.thread !== 0) accept();
      member.opened(id, port2, owner.thread);
      if (owner.thread === 0) accept();
    }
  }

  /** Takes dials out; returns them. */
  #forget(name: string, wanted: (dial: WaitingDial) => boolean): WaitingDial[] {
    const dials = this.#waiting.get(name) ?? [];
    const left = dials.filter((dial) => !wanted(dial));
    if (left.length > 0) this.#waiting.set(name, left);
    else this.#waiting.delete(name);
    return dials.filter(wanted);
  }
}
