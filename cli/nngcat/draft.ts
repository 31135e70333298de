/** A command line of nngcat while it is read: what its options have said so far. */

import { codeOf, reasonOf } from "../lib/failure.ts";
import { type FormatName, FORMATTERS } from "../lib/formats.ts";
import type { TlsTexts } from "../lib/tls.ts";
import type { Endpoint, NngProtocol } from "./settings.ts";
import { fatal } from "./words.ts";

/** Reads a file; `-` is standard input. */
export type Reader = (path: string) => Promise<Uint8Array>;

/** How the files of TLS are called in messages. */
const PEM_NAMES = {
  cacert: "CA Certificate (--cacert)",
  key: "Key (--key)",
  cert: "Cert (--cert)",
} as const;

/** What the options have said so far. Options take effect one by one, so that the first mistake is the one that is reported. */
export class Draft {
  readonly endpoints: Endpoint[] = [];
  readonly subscriptions: string[] = [];
  readonly tls: TlsTexts = {};
  protocol: NngProtocol | "either pair" | undefined;
  format: FormatName | undefined;
  data: Uint8Array | undefined;
  isVerbose = false;
  isAsync = false;
  isCompatible = false;
  count = 0;
  delay = 0;
  interval: number = Infinity;
  receiveTimeout: number = Infinity;
  sendTimeout: number = Infinity;
  maxMessageSize: number = Infinity;
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  setProtocol(protocol: NngProtocol | "either pair"): void {
    if (this.protocol !== undefined) throw fatal("Only one protocol may be specified.");
    this.protocol = protocol;
  }

  setFormat(name: string): void {
    if (this.format !== undefined) throw fatal("Format may be specified only once.");
    if (!Object.hasOwn(FORMATTERS, name)) throw fatal("Invalid format specified.");
    this.format = name as FormatName;
  }

  setData(text: string): void {
    this.#refuseMoreData();
    this.data = new TextEncoder().encode(text);
  }

  async setFile(path: string): Promise<void> {
    this.#refuseMoreData();
    this.data = await this.#read(path);
  }

  /** Takes a file for TLS. */
  async setPem(name: keyof typeof PEM_NAMES, path: string): Promise<void> {
    if (this.tls[name] !== undefined) {
      throw fatal(`${PEM_NAMES[name]} may be specified only once.`);
    }
    this.tls[name] = new TextDecoder().decode(await this.#read(path));
  }

  #refuseMoreData(): void {
    if (this.data === undefined) return;
    throw fatal("Data (--file, --data) may be specified only once.");
  }

  async #read(path: string): Promise<Uint8Array> {
    try {
      return await this.#reader(path);
    } catch (error) {
      const isOpen = codeOf(error) === "EISDIR";
      const what = isOpen ? `Read from ${path} failed` : `Cannot open file ${path}`;
      throw fatal(`${what}: ${reasonOf(error)}`, error);
    }
  }
}
