// Instead of src/framing.ts: byte connections lead to this program's own workers only, which announce nothing that they do not send.
import type { Framing } from "../../src/connection.ts";
import type { TransformController, Transformer } from "../../src/transformer.ts";

export const DEFAULT_MAX_MESSAGE_SIZE: number = 1024 * 1024;

export function prefixLength(framing: Framing): 0 | 8 | 9 {
  return framing === "tcp" ? 8 : 0;
}

export class FrameDecoder implements Transformer<Uint8Array, Uint8Array> {
  #rest: Uint8Array = new Uint8Array(0);

  transform(chunk: Uint8Array, controller: TransformController<Uint8Array>): void {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    const { buffer, byteOffset, length } = bytes;
    const view = new DataView(buffer, byteOffset, length);
    let at = 0;
    while (length - at >= 8) {
      const end = at + 8 + Number(view.getBigUint64(at));
      if (end > length) break;
      controller.enqueue(bytes.subarray(at + 8, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  flush(): void {}

  room(): undefined {}
}
