import { checkNumber, SP, type SPProtocol, type SPProtocolId } from "../src/sp/wire.ts";

/** A protocol and its counterpart, which for some is the protocol itself. Numbers are family × 16 + role. */
function protocol(
  name: string,
  number: number,
  peerName: string = name,
  peerNumber: number = number,
): SPProtocol {
  const id: SPProtocol = {
    name,
    number,
    peerName,
    peerNumber,
    wire: SP,
    checkPeer: (theirs) => checkNumber(id, (theirs as Partial<SPProtocolId>).number),
  };
  return id;
}

/** Version 0 of PAIR, which every implementation speaks (sp-protocol-ids-01). */
export const PAIR: SPProtocol = protocol("pair", 0x10);
/** Version 1, of nng and mangos. */
export const PAIR1: SPProtocol = protocol("pair1", 0x11);
/** Family 2. */
export const PUB: SPProtocol = protocol("pub", 0x20, "sub", 0x21);
/** Family 2. */
export const SUB: SPProtocol = protocol("sub", 0x21, "pub", 0x20);
/** Family 3. */
export const REQ: SPProtocol = protocol("req", 0x30, "rep", 0x31);
/** Family 3. */
export const REP: SPProtocol = protocol("rep", 0x31, "req", 0x30);
/** Family 4, nanomsg's first FANIN, before it became one with PIPELINE. */
export const SOURCE: SPProtocol = protocol("source", 0x40, "sink", 0x41);
/** Family 4. */
export const SINK: SPProtocol = protocol("sink", 0x41, "source", 0x40);
/** Family 5. */
export const PUSH: SPProtocol = protocol("push", 0x50, "pull", 0x51);
/** Family 5. */
export const PULL: SPProtocol = protocol("pull", 0x51, "push", 0x50);
/** Family 6, with a backtrace; 0x60 and 0x61, without one, are retired. */
export const SURVEYOR: SPProtocol = protocol("surveyor", 0x62, "respondent", 0x63);
/** Family 6. */
export const RESPONDENT: SPProtocol = protocol("respondent", 0x63, "surveyor", 0x62);
/** Family 7. */
export const BUS: SPProtocol = protocol("bus", 0x70);
