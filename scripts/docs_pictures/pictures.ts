/* What the pictures of the guide show: one description each. `npm run docs:pictures` draws them into docs/public/pictures/. */
import type { Picture } from "./draw.ts";

/** The pictures, by the names of their files. */
export const PICTURES: Readonly<Record<string, Picture>> = {
  pair: {
    title:
      "Two Pair sockets send each other messages. A third one is refused while they are together.",
    cell: [170, 84],
    boxes: {
      left: { at: [0, 0], text: "Pair", kind: "sender" },
      right: { at: [2, 0], text: "Pair", kind: "receiver" },
      third: {
        at: [0, 1],
        text: "Pair",
        kind: "outside",
        note: "comes second",
      },
    },
    arrows: [
      { from: "left", to: "right", messages: ["a", "b"], shift: -12 },
      { from: "right", to: "left", messages: ["x", "y"], shift: -12 },
      { from: "third", to: "right", dashed: true, refused: true, place: 0.4 },
    ],
    notes: [{ at: [1.5, 1], text: "refused (EBUSY),\nand tries again" }],
  },

  bus: {
    title: "Each Bus socket sends to all sockets it is connected to. Nothing is passed on.",
    cell: [160, 74],
    boxes: {
      one: { at: [1, 0], text: "Bus", kind: "sender", note: "sends a" },
      two: { at: [0, 2], text: "Bus", kind: "receiver", note: "receives a" },
      three: { at: [2, 2], text: "Bus", kind: "receiver", note: "receives a" },
    },
    arrows: [
      { from: "one", to: "two", messages: ["a"], both: true },
      { from: "one", to: "three", messages: ["a"], both: true },
      {
        from: "two",
        to: "three",
        label: "not passed on",
        dashed: true,
        both: true,
      },
    ],
  },

  pipeline: {
    title: "One Push socket deals its jobs out in turn: each job goes to one Pull socket.",
    cell: [150, 74],
    boxes: {
      push: { at: [0, 1], text: "Push", kind: "sender", note: "1 2 3 4 5" },
      one: { at: [2, 0], text: "Pull", kind: "receiver" },
      two: { at: [2, 1], text: "Pull", kind: "receiver" },
      three: { at: [2, 2], text: "Pull", kind: "receiver", note: "slow" },
    },
    arrows: [
      { from: "push", to: "one", messages: ["1", "4"] },
      { from: "push", to: "two", messages: ["2", "5"] },
      { from: "push", to: "three", messages: ["3"] },
    ],
  },

  pubsub: {
    title:
      "A Pub socket sends every message to every Sub socket. Each Sub keeps what starts with a prefix it subscribed to.",
    cell: [124, 84],
    columns: 4.4,
    boxes: {
      pub: { at: [0, 1], text: "Pub", kind: "sender", wide: 0.9 },
      cpu: { at: [2, 0], text: "Sub", kind: "receiver", note: 'subscribe: "cpu"', wide: 1.15 },
      mem: { at: [2, 1], text: "Sub", kind: "receiver", note: 'subscribe: "mem"', wide: 1.15 },
      all: { at: [2, 2], text: "Sub", kind: "receiver", note: 'subscribe: ""', wide: 1.15 },
      one: { at: [3.35, 0], text: "cpu 7", kind: "yours" },
      two: { at: [3.35, 1], text: "mem 3", kind: "yours" },
      three: { at: [3.35, 2], text: "cpu 7\nmem 3", kind: "yours" },
    },
    arrows: [
      { from: "pub", to: "cpu", messages: ["cpu 7", "mem 3"] },
      { from: "pub", to: "mem", messages: ["cpu 7", "mem 3"] },
      { from: "pub", to: "all", messages: ["cpu 7", "mem 3"] },
      { from: "cpu", to: "one" },
      { from: "mem", to: "two" },
      { from: "all", to: "three" },
    ],
  },

  reqrep: {
    title:
      "A Req socket sends each request to one Rep socket, in turn. When a peer is lost, its request goes to another one.",
    cell: [160, 78],
    boxes: {
      req: { at: [0, 1], text: "Req", kind: "sender", note: "many in flight" },
      one: { at: [2, 0], text: "Rep", kind: "receiver" },
      two: { at: [2, 1], text: "Rep", kind: "receiver" },
      lost: { at: [2, 2], text: "Rep", kind: "outside", note: "lost" },
    },
    arrows: [
      { from: "req", to: "one", messages: ["1?"], answers: ["1!"], both: true },
      {
        from: "req",
        to: "two",
        messages: ["2?", "3?"],
        answers: ["2!", "3!"],
        both: true,
      },
      {
        from: "req",
        to: "lost",
        messages: ["3?"],
        dashed: true,
        refused: true,
      },
    ],
    notes: [{ at: [0.5, 2.1], text: "3? is sent again,\nto the next peer" }],
  },

  survey: {
    title: "A Surveyor asks every Respondent, and takes answers until the deadline.",
    cell: [165, 78],
    boxes: {
      surveyor: {
        at: [0, 1],
        text: "Surveyor",
        kind: "sender",
        note: "timeout: 1000",
      },
      one: { at: [2, 0], text: "Respondent", kind: "receiver" },
      two: { at: [2, 1], text: "Respondent", kind: "receiver" },
      late: {
        at: [2, 2],
        text: "Respondent",
        kind: "outside",
        note: "too late",
      },
    },
    arrows: [
      {
        from: "surveyor",
        to: "one",
        messages: ["who?"],
        answers: ["me"],
        both: true,
      },
      {
        from: "surveyor",
        to: "two",
        messages: ["who?"],
        answers: ["me"],
        both: true,
      },
      { from: "surveyor", to: "late", messages: ["who?"], dashed: true },
    ],
    notes: [{
      at: [0.5, 2.1],
      text: "an answer after the\ndeadline is dropped",
    }],
  },

  device: {
    title:
      "A device joins two networks: a raw Rep socket on one side, a raw Req socket on the other. Replies find their way back.",
    cell: [130, 92],
    boxes: {
      one: { at: [0, 0], text: "Req", kind: "sender" },
      two: { at: [0, 1], text: "Req", kind: "sender" },
      front: { at: [1.5, 0.5], text: "raw Rep", kind: "queue" },
      back: { at: [2.5, 0.5], text: "raw Req", kind: "queue" },
      three: { at: [4, 0], text: "Rep", kind: "receiver" },
      four: { at: [4, 1], text: "Rep", kind: "receiver" },
    },
    arrows: [
      { from: "one", to: "front", messages: ["1?"], both: true },
      { from: "two", to: "front", messages: ["2?"], both: true },
      { from: "front", to: "back", both: true },
      { from: "back", to: "three", messages: ["1?"], both: true },
      { from: "back", to: "four", messages: ["2?"], both: true },
    ],
    notes: [
      { at: [2, -0.2], text: "device(front, back)" },
      { at: [0, 1.65], text: "one network" },
      { at: [4, 1.65], text: "another network" },
    ],
  },

  walk_in: {
    title:
      "The way of a message in: connection, pipe, decoder, pattern, receive queue, socket. A full queue makes the connection stop reading.",
    cell: [232, 88],
    columns: 2.2,
    boxes: {
      os: {
        at: [0, 0],
        text: "Operating system",
        kind: "outside",
        note: "a chunk of bytes",
      },
      connection: {
        at: [0, 1],
        text: "Connection",
        kind: "sender",
        note: "hands the chunk on",
      },
      pipe: {
        at: [0, 2],
        text: "Pipe",
        kind: "sender",
        note: "as far as there is room",
      },
      decoder: {
        at: [0, 3],
        text: "Wire's decoder",
        kind: "sender",
        note: "frames off, no copy",
      },
      pattern: {
        at: [0, 4],
        text: "Pattern",
        kind: "receiver",
        note: "header off, filter",
      },
      queue: {
        at: [0, 5],
        text: "Receive queue",
        kind: "queue",
        note: "peers take turns",
      },
      socket: {
        at: [0, 6],
        text: "Socket",
        kind: "receiver",
        note: "receive(), readable",
      },
      you: {
        at: [0, 7],
        text: "Your code",
        kind: "yours",
        note: "a Uint8Array",
      },
      files: { at: [1.25, 5], text: "full", kind: "outside", wide: 0.5 },
      stop: { at: [1.25, 1], text: "stop", kind: "outside", wide: 0.5 },
    },
    arrows: [
      { from: "os", to: "connection" },
      { from: "connection", to: "pipe" },
      { from: "pipe", to: "decoder" },
      { from: "decoder", to: "pattern" },
      { from: "pattern", to: "queue" },
      { from: "queue", to: "socket" },
      { from: "socket", to: "you" },
      { from: "queue", to: "files", dashed: true },
      {
        from: "files",
        to: "stop",
        dashed: true,
        label: "the pipe\nstops reading",
      },
      { from: "stop", to: "connection", dashed: true },
    ],
    notes: [{ at: [1.25, 0.1], text: "TCP's window slows\nthe peer down" }],
  },

  walk_out: {
    title:
      "The way of a message out: socket, send queue, routing, the pipe with the wire's encoder, connection. While no peer has room, send waits.",
    cell: [232, 88],
    columns: 2.2,
    boxes: {
      you: {
        at: [0, 0],
        text: "Your code",
        kind: "yours",
        note: "string or bytes",
      },
      socket: {
        at: [0, 1],
        text: "Socket",
        kind: "sender",
        note: "send(), writable",
      },
      queue: {
        at: [0, 2],
        text: "Send queue",
        kind: "queue",
        note: "copies up to 16 KiB",
      },
      routing: {
        at: [0, 3],
        text: "Routing",
        kind: "sender",
        note: "picks the peers",
      },
      pipe: {
        at: [0, 4],
        text: "Pipe",
        kind: "receiver",
        note: "packs a turn's messages",
      },
      connection: {
        at: [0, 5],
        text: "Connection",
        kind: "receiver",
        note: "one write",
      },
      os: { at: [0, 6], text: "Operating system", kind: "outside" },
      full: { at: [1.25, 4], text: "full", kind: "outside", wide: 0.5 },
      wait: { at: [1.25, 1], text: "wait", kind: "outside", wide: 0.5 },
    },
    arrows: [
      { from: "you", to: "socket" },
      { from: "socket", to: "queue" },
      { from: "queue", to: "routing" },
      { from: "routing", to: "pipe" },
      { from: "pipe", to: "connection" },
      { from: "connection", to: "os" },
      { from: "pipe", to: "full", dashed: true },
      { from: "full", to: "wait", dashed: true, label: "no peer\nhas room" },
      { from: "wait", to: "socket", dashed: true },
    ],
    notes: [{
      at: [1.25, 0.1],
      text: "send resolves later,\na writer's ready too",
    }],
  },

  delivery: {
    title:
      "The stages of a message: accepted, queued, written, arrived, read. Up to written, and from arrived on, a loss is counted and told.",
    cell: [200, 88],
    columns: 2.1,
    boxes: {
      accepted: {
        at: [0, 0],
        text: "Accepted",
        kind: "sender",
        note: "send resolved",
      },
      queued: {
        at: [0, 1],
        text: "Queued",
        kind: "queue",
        note: "for a peer, here",
      },
      written: {
        at: [0, 2],
        text: "Written",
        kind: "outside",
        note: "with the system",
      },
      arrived: {
        at: [0, 3],
        text: "Arrived",
        kind: "queue",
        note: "in the peer's queue",
      },
      read: {
        at: [0, 4],
        text: "Read",
        kind: "receiver",
        note: "by the peer's code",
      },
    },
    arrows: [
      { from: "accepted", to: "queued" },
      { from: "queued", to: "written" },
      { from: "written", to: "arrived" },
      { from: "arrived", to: "read" },
    ],
    notes: [
      {
        at: [0.55, 0.5],
        text: "A loss is counted here:\nstats().drops, and an event",
        align: "start",
      },
      {
        at: [0.55, 2],
        text: "A loss is known to nobody.\nReq asks again.",
        align: "start",
      },
      { at: [0.55, 3.5], text: "A loss is counted there", align: "start" },
    ],
  },
};
