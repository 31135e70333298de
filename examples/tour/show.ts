import { styleText } from "node:util";

/** How the tour prints: titles, who did what, notes. */
export const show = {
  title(text: string): void {
    console.log(`\n${styleText(["bold", "underline"], text)}`);
  },
  /** A pattern, the transport it is shown on, and what it does in one line. */
  pattern(name: string, transport: string, what: string): void {
    console.log(`\n${styleText("bold", name)}  ${styleText("cyan", transport)}  ${what}`);
  },
  /** Who did what. */
  step(who: string, what: string): void {
    console.log(`  ${styleText("green", who.padEnd(18))} ${what}`);
  },
  note(text: string): void {
    console.log(styleText("dim", text));
  },
  lines(lines: readonly string[]): void {
    for (const line of lines) console.log(`  ${line}`);
  },
};

/** Bytes as text. */
export function text(message: Uint8Array): string {
  return new TextDecoder().decode(message);
}

/** Each message of a stream as text, so many of them. */
export async function take(
  stream: ReadableStream<Uint8Array>,
  count: number,
): Promise<string[]> {
  const reader = stream.getReader();
  const messages: string[] = [];
  while (messages.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    messages.push(text(value));
  }
  reader.releaseLock();
  return messages;
}
