import { talkToAll } from "./cli_meetings.ts";
import { OUR_NNG } from "./tools.ts";

talkToAll(OUR_NNG);
