import { talkToAll } from "./cli_meetings.ts";
import { OURS } from "./tools.ts";

talkToAll(OURS);
