/** Listens, with room for one to wait, and prints the port. */

import net from "node:net";

const server = net.createServer().listen({ host: "127.0.0.1", port: 0, backlog: 1 }, () => {
  console.log((server.address() as net.AddressInfo).port);
});
