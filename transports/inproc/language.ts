/* What a thread and the hub say to each other, and how to tell it from whatever else is posted on their port. */
import { isPort, type Port } from "./port.ts";

/** What a thread says to its hub. */
export type Upward =
  | { readonly type: "bind" | "dial" | "cancel"; readonly name: string; readonly id: number }
  | { readonly type: "unbind"; readonly name: string }
  | { readonly type: "adopt" | "release"; readonly id: number }
  | { readonly type: "alive"; readonly lock: string }
  | { readonly type: "bye" };

/** What a hub says to a thread. */
export type Downward =
  | { readonly type: "bound"; readonly id: number; readonly granted: boolean }
  | {
    readonly type: "accept";
    readonly name: string;
    readonly port: Port;
    readonly peer: number;
  }
  | { readonly type: "opened"; readonly id: number; readonly port: Port; readonly peer: number }
  | { readonly type: "adopted"; readonly id: number; readonly port: Port }
  | { readonly type: "released"; readonly id: number }
  | { readonly type: "gone"; readonly thread: number }
  | { readonly type: "bye" };

type Check = (value: unknown) => boolean;

/** What each type of message consists of besides its type. */
export type Language<Message extends { readonly type: string }> = Readonly<
  Record<Message["type"], Readonly<Record<string, Check>>>
>;

const name: Check = (value) => typeof value === "string";
const id: Check = Number.isSafeInteger;
const granted: Check = (value) => typeof value === "boolean";

/** What a thread can say. */
export const UPWARD: Language<Upward> = {
  bind: { name, id },
  dial: { name, id },
  cancel: { name, id },
  unbind: { name },
  adopt: { id },
  release: { id },
  alive: { lock: name },
  bye: {},
};

/** What a hub can say. */
export const DOWNWARD: Language<Downward> = {
  bound: { id, granted },
  accept: { name, port: isPort, peer: id },
  opened: { id, port: isPort, peer: id },
  adopted: { id, port: isPort },
  released: { id },
  gone: { thread: id },
  bye: {},
};

/** Whether something that was posted is a message of a language. */
export function isOf<Message extends { readonly type: string }>(
  language: Language<Message>,
  message: unknown,
): message is Message {
  if (typeof message !== "object" || message === null) return false;
  const said = message as Readonly<Record<string, unknown>>;
  if (typeof said.type !== "string" || !Object.hasOwn(language, said.type)) return false;
  const parts = language[said.type as Message["type"]];
  return Object.entries(parts).every(([part, isRight]) => isRight(said[part]));
}
