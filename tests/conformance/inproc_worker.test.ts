import { after } from "node:test";
import { conform } from "./conform.ts";
import { stopWorker } from "./worker_place.ts";

conform("inproc across a worker");
after(stopWorker);
