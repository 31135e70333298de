import process from "node:process";
import { createInterface } from "node:readline";
import type { Answer } from "./child.ts";

/** Answers one question; what it throws reaches who asked. */
// deno-lint-ignore no-explicit-any -- Each question has parameters of its own.
export type Answerer = (parameters: any) => Answer | void | Promise<Answer | void>;

/** Makes this process one that answers questions, as `Child` asks them. It ends when its stdin does. */
export function serveQuestions(answerers: Readonly<Record<string, Answerer>>): void {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const { id, question, ...parameters } = JSON.parse(line) as { id: number; question: string };
    let answer: Answer | void;
    try {
      answer = await answerers[question]!(parameters);
    } catch (error) {
      answer = { error: error instanceof Error ? error.stack ?? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify({ ...answer, id })}\n`);
  });
  lines.on("close", () => process.exit(0));
}
