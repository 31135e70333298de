import { SPError } from "../../../../src/base/errors.ts";
import type { ClientRequest } from "./ws_api.ts";

/** All that nanomsg answers where it is of another protocol (its ws_handshake.c), and then it waits. */
const REFUSAL = /^HTTP\/1\.1 (400 \w+ Socket Type)\r\nSec-WebSocket-Version: 13\r\n$/;

/** The longest that it can be. */
const LONGEST = 100;

/**
 * Gives up a request to which nanomsg says no. Its answer lacks the empty line at the end, so that HTTP would
 * wait for the rest until the time is over, and not tell what came.
 */
export function noticeRefusal(request: ClientRequest): void {
  request.on("socket", (socket) => {
    const decoder = new TextDecoder("latin1");
    let received = "";
    const stop = (): void => void socket.off("data", onData);
    const onData = (chunk: Uint8Array): void => {
      received += decoder.decode(chunk.subarray(0, LONGEST));
      const [, answer] = REFUSAL.exec(received) ?? [];
      if (answer !== undefined) {
        request.destroy(new SPError("EPROTO", `the server answered ${answer}`));
      }
      if (answer !== undefined || received.length >= LONGEST) stop();
    };
    socket.on("data", onData);
    request.on("upgrade", stop);
  });
}
