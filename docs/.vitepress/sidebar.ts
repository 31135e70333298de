/* The pages of the guide, in the order of reading. Every page is here; a test compares the list with the files. */

/** A page: what the sidebar calls it, and its path without `.md`. */
export interface Entry {
  text: string;
  link: string;
}

/** Pages under one heading. */
export interface Group {
  text: string;
  collapsed?: boolean;
  items: Entry[];
}

const SUBCOMMANDS = [
  [
    "push",
    "pull",
    "pub",
    "sub",
    "req",
    "rep",
    "surveyor",
    "respondent",
    "bus",
    "pair",
    "pair1",
  ],
  [
    "dealer",
    "router",
    "xpub",
    "xsub",
    "device",
    "proxy",
    "probe",
    "decode",
    "bench",
  ],
  ["villas", "completion"],
].flat();

/** The sidebar. */
export const SIDEBAR: Group[] = [
  {
    text: "Start",
    items: [
      { text: "Deno", link: "/start/deno" },
      { text: "Bun", link: "/start/bun" },
      { text: "Node", link: "/start/node" },
      { text: "Browser", link: "/start/browser" },
    ],
  },
  {
    text: "Patterns",
    items: [
      { text: "Which pattern for what", link: "/patterns/index" },
      { text: "Pair", link: "/patterns/pair" },
      { text: "Pipeline: Push, Pull", link: "/patterns/pipeline" },
      { text: "Publish, subscribe: Pub, Sub", link: "/patterns/pubsub" },
      { text: "Request, reply: Req, Rep", link: "/patterns/reqrep" },
      { text: "Survey: Surveyor, Respondent", link: "/patterns/survey" },
      { text: "Bus", link: "/patterns/bus" },
      { text: "Devices", link: "/patterns/device" },
    ],
  },
  {
    text: "Using it",
    items: [
      { text: "Streams in scripts", link: "/streams" },
      { text: "Typed messages", link: "/typed" },
      { text: "Services: JSON-RPC", link: "/rpc" },
      { text: "Delivery: what is guaranteed", link: "/delivery" },
      { text: "Addresses and options", link: "/options" },
      { text: "Errors", link: "/errors" },
      { text: "Events and statistics", link: "/events" },
      { text: "Recipes", link: "/recipes" },
      { text: "Troubleshooting", link: "/troubleshooting" },
    ],
  },
  {
    text: "Running it",
    items: [
      { text: "Security", link: "/security" },
      { text: "Operating", link: "/operating" },
      { text: "Metrics and logs", link: "/observe" },
      { text: "Bridges to brokers", link: "/bridges" },
    ],
  },
  {
    text: "With others",
    items: [
      { text: "Interoperation", link: "/interoperation" },
      { text: "Moving from other libraries", link: "/moving" },
      { text: "ZeroMQ", link: "/zmtp" },
      { text: "VILLASnode", link: "/villas" },
    ],
  },
  {
    text: "Command line",
    collapsed: true,
    items: [
      { text: "Overview", link: "/cli" },
      ...SUBCOMMANDS.map((name) => ({ text: name, link: `/cli/${name}` })),
    ],
  },
  {
    text: "Inside",
    items: [
      { text: "How it works", link: "/how_it_works" },
      { text: "Semantics", link: "/semantics" },
      { text: "How fast it is", link: "/performance" },
      { text: "The proving ground", link: "/proving_ground" },
      { text: "Stability and versions", link: "/stability" },
    ],
  },
];
