// Instead of src/attachment.ts: nothing is attached, see stream_connection.ts.
import { Endpoint } from "../../src/endpoint.ts";
export abstract class AttachedEndpoint extends Endpoint {}
