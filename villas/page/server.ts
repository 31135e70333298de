import type { Gateway } from "../gateway/gateway.ts";
/** A page that is served. */
export interface ServedPage {
  readonly address: string;
  close(): Promise<void>;
}
export function servePage(
  _gateway: Gateway,
  _at: { host: string; port: number },
): Promise<ServedPage> {
  return Promise.reject(new Error("The page is not there yet"));
}
