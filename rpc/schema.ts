import type { StandardSchema } from "../common.ts";
import { RpcCode, RpcError } from "./errors.ts";

/**
 * Checks parameters.
 *
 * @returns What the schema makes of them.
 * @throws {RpcError} `invalidParams` if they do not fit.
 */
export async function checkParams(schema: StandardSchema, params: unknown): Promise<unknown> {
  const result = await schema["~standard"].validate(params ?? []);
  if (result.issues === undefined) return result.value;
  const data = result.issues.map(({ message, path = [] }) => ({
    message,
    path: path.map((step) => {
      const key = typeof step === "object" ? step.key : step;
      return typeof key === "symbol" ? String(key) : key;
    }),
  }));
  const first = data[0];
  const where = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
  throw new RpcError(
    RpcCode.invalidParams,
    `Invalid params${where}${first === undefined ? "" : `: ${first.message}`}`,
    data,
  );
}
