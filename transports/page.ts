/*
 * Makes known what a page can use, when the first of the doors for pages is loaded. Where a main door is loaded as well, its
 * transports can do more.
 */
import { offerTransport } from "../src/surface/transports.ts";
import { InprocTransport } from "./inproc/inproc.ts";
import { PAGE_WEB_SOCKET } from "./ws/page.ts";

offerTransport(new InprocTransport());
offerTransport(PAGE_WEB_SOCKET);
